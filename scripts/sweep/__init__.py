"""The modules of scripts/sweep.py and scripts/leaderboard.py.

Python looks for a package before it looks for a module, so `import sweep` in these scripts finds this folder
and not sweep.py beside it. That needs this file: a folder without one would come after sweep.py.
"""
