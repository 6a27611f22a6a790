"""How the values of a sweep are shown to people."""


def short(value, name=""):
    """0.012345678 as 0.01235, True as yes, an accuracy in percent."""
    if name == "accuracy" and value != "":
        return f"{100 * value:.2f} %"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4g}" if isinstance(value, float) else str(value)
