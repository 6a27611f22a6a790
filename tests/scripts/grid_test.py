#!/usr/bin/env python3
"""Runs the recipes in the section "Grids" of docs/sweeps.md with GNU parallel, over ssh and by Slurm.

    grid_test.py PROGRAM PART [unittest options]

PROGRAM is mnist-train and PART one of the classes below. Where what a PART needs is not installed, the
exit code is 77. Nothing outside temporary folders is changed, and no service of the system is used.
"""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "data/sample"
SLURM_SCRIPT = ROOT / "scripts/slurm_array.sh"
SKIPPED = 77
PATIENCE = 120  # seconds; only what never happens is waited for that long
program = None  # mnist-train, set by main


def recipe(part):
    """The only command in the section that has this in it."""
    page = (ROOT / "docs/sweeps.md").read_text()
    section = re.search(r"^## Grids$(.*?)^## ", page, re.MULTILINE | re.DOTALL)
    [command] = [block for block in re.findall(r"```sh\n(.*?)```", section[1], re.DOTALL) if part in block]
    return command


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(is_so, otherwise):
    end = time.monotonic() + PATIENCE
    while not is_so():
        if time.monotonic() > end:
            raise AssertionError(otherwise())
        time.sleep(0.02)


def text_of(path):
    return path.read_text() if path.exists() else ""


def epochs_done(run):
    return text_of(run / "metrics.jsonl").count("\n")


def status_of(run):
    text = text_of(run / "result.json")
    return json.loads(text)["status"] if text else None


class Part(unittest.TestCase):
    needs = ()  # programs

    @classmethod
    def setUpClass(cls):
        # sshd and Slurm are where a user's PATH may not lead
        os.environ["PATH"] += ":/usr/sbin:/sbin"
        missing = [name for name in cls.needs if not shutil.which(name)]
        if missing:
            raise unittest.SkipTest(f"needs {', '.join(missing)}")

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="mnist-grid-")
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name).resolve()
        self.root.chmod(0o755)  # munged wants to be reached
        self.work = self.root / "work"
        self.work.mkdir()
        self.bin = self.root / "bin"
        self.bin.mkdir()
        (self.bin / "mnist-train").symlink_to(program)
        self.environment = {**os.environ, "HOME": str(self.root), "MNIST_DATA_DIR": str(SAMPLE),
                            "PATH": f"{self.bin}:{os.environ['PATH']}"}
        for name in ("PARALLEL", "GRID", "MNIST_TRAIN"):
            self.environment.pop(name, None)

    def write_program(self, name, text):
        path = self.bin / name
        path.unlink(missing_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def shell(self, command, **environment):
        return subprocess.run(["bash", "-c", command], cwd=self.work, env={**self.environment, **environment},
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)

    def check(self, command, **environment):
        done = self.shell(command, **environment)
        self.assertEqual(done.returncode, 0, f"{command}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def reference(self, name, *options):
        """The model of a run that nobody disturbed, trained meanwhile."""
        command = [program, "--out", name, "--quiet", "--save-every", "1000", *options]
        trainer = subprocess.Popen(command, cwd=self.work, env=self.environment, stdout=subprocess.DEVNULL)

        def model():
            self.assertEqual(trainer.wait(), 0)
            return (self.work / name / "model.safetensors").read_bytes()

        return model

    def results(self):
        return [json.loads(line) for line in (self.work / "results.jsonl").read_text().splitlines()]

    def joblog(self):
        lines = (self.work / "grid.log").read_text().splitlines()
        return [dict(zip(lines[0].split("\t"), line.split("\t"))) for line in lines[1:]]

    def assert_all_of_grid(self, results):
        found = sorted((result["config"]["lr"], result["config"]["seed"]) for result in results)
        self.assertEqual(found, [(lr, seed) for lr in (0.003, 0.01, 0.03) for seed in (1, 2, 3)])


class Parallel(Part):
    needs = ("parallel",)

    def test_RunsAgainOnlyWhatFailed(self):
        self.write_program("mnist-train", f"#!/bin/bash\nexec '{program}' --epochs 3 \"$@\"\n")
        command = recipe("--resume-failed mnist-train")
        (self.work / "runs").mkdir()
        obstacle = self.work / "runs/lr0.01-seed2"
        obstacle.write_text("")  # where a run wants its folder
        first = self.shell(command)
        self.assertEqual(first.returncode, 1, first.stderr)  # the number of jobs that failed
        self.assertEqual(len(self.results()), 8)
        self.assertEqual([job["Exitval"] for job in self.joblog()].count("0"), 8)
        lines = (self.work / "results.jsonl").read_text()
        times = {path: path.stat().st_mtime_ns for path in self.work.glob("runs/*/result.json")}
        self.assertEqual(len(times), 8)

        obstacle.unlink()
        self.check(command)
        self.assertTrue((self.work / "results.jsonl").read_text().startswith(lines))
        self.assert_all_of_grid(self.results())
        self.assertEqual(len(self.joblog()), 10)
        self.assertEqual({path: path.stat().st_mtime_ns for path in times}, times)

        self.check(command)  # nothing is left to do
        self.assertEqual((len(self.results()), len(self.joblog())), (9, 10))
        for source in ("runs", "results.jsonl"):
            table = self.check(f"'{sys.executable}' '{ROOT}/scripts/leaderboard.py' {source}").split("\n\n")[0]
            self.assertEqual([line.split()[:2] for line in table.splitlines()[1:]],
                             [["0.03", "3"], ["0.01", "3"], ["0.003", "3"]])


class Hosts(Part):
    needs = ("parallel", "ssh", "sshd", "ssh-keygen")

    def setUp(self):
        super().setUp()
        for key in ("host", "user"):
            self.check(f"ssh-keygen -q -t ed25519 -N '' -f ../{key}")
        if os.geteuid() == 0:  # sshd's, which the system's service would make
            with contextlib.suppress(FileExistsError):
                os.mkdir("/run/sshd", 0o755)
                self.addCleanup(os.rmdir, "/run/sshd")
        self.sshd = {name: self.start_sshd(name) for name in ("one", "two")}
        (self.work / "hosts").write_text("".join(f"2/ssh -F {self.root}/ssh.conf {name}\n" for name in self.sshd))
        for name in self.sshd:
            self.assertEqual(self.check(f"ssh -F ../ssh.conf {name} echo here"), "here\n")

    def start_sshd(self, name):
        port = free_port()
        with (self.root / "ssh.conf").open("a") as config:
            config.write(f"""Host {name}
  HostName 127.0.0.1
  Port {port}
  IdentityFile {self.root}/user
  IdentitiesOnly yes
  StrictHostKeyChecking no
  UserKnownHostsFile /dev/null
  LogLevel ERROR
""")
        (self.root / f"{name}.conf").write_text(f"""ListenAddress 127.0.0.1:{port}
HostKey {self.root}/host
AuthorizedKeysFile {self.root}/user.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin yes
SetEnv PATH={self.environment["PATH"]} MNIST_DATA_DIR={SAMPLE} WHICH_HOST={name}
""")
        log = self.root / f"{name}.log"
        sshd = subprocess.Popen([shutil.which("sshd"), "-D", "-E", log, "-f", self.root / f"{name}.conf"])
        self.addCleanup(self.stop, sshd)
        wait_until(lambda: "listening" in text_of(log) or sshd.poll() is not None, lambda: text_of(log))
        self.assertIsNone(sshd.poll(), text_of(log))
        return sshd

    @staticmethod
    def stop(process):
        process.terminate()
        process.wait()

    def test_SpreadsOverHostsAndDoesWithoutOneThatIsDown(self):
        self.write_program("mnist-train", f"""#!/bin/bash
echo "$WHICH_HOST" >> '{self.root}/used'
exec '{program}' --epochs 3 "$@"
""")
        command = recipe("--sshloginfile")
        self.check(command)
        self.assert_all_of_grid(self.results())
        self.assertEqual({job["Exitval"] for job in self.joblog()}, {"0"})
        self.assertEqual(set((self.root / "used").read_text().split()), {"one", "two"})

        (self.work / "grid.log").unlink()
        (self.work / "results.jsonl").unlink()
        (self.root / "used").unlink()
        self.stop(self.sshd["two"])
        self.check(command)  # the runs are there and are only shown
        self.assert_all_of_grid(self.results())
        self.assertEqual(set((self.root / "used").read_text().split()), {"one"})


class SlurmScript(Part):
    needs = ("bash",)

    def setUp(self):
        super().setUp()
        self.write_program("scontrol", f"""#!/bin/bash
echo "$@" >> '{self.root}/scontrol'
""")

    def task(self, number, *options, **environment):
        environment = {**self.environment, "SLURM_JOB_ID": "40", "SLURM_ARRAY_JOB_ID": "40",
                       "SLURM_ARRAY_TASK_ID": str(number), **environment}
        return subprocess.Popen(["bash", SLURM_SCRIPT, *options], cwd=self.work, env=environment, text=True,
                                start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def test_HasHelpAndAsksSlurmForSignals(self):
        self.assertIn("sbatch", self.check(f"bash '{SLURM_SCRIPT}' --help"))
        header = SLURM_SCRIPT.read_text().split("\nset ")[0]
        for line in ("--array=", "--requeue", "--signal=B:USR1@"):
            self.assertIn(f"\n#SBATCH {line}", header)

    def test_GoesOnAfterTimeLimitAndPreemption(self):
        options = ("--epochs", "150", "--save-every", "50")
        model = self.reference("reference", "--epochs", "150", "--seed", "3")
        run = self.work / "runs/3"

        def start_and_wait_for(epochs):
            task = self.task(3, *options)
            wait_until(lambda: epochs_done(run) >= epochs or task.poll() is not None,
                       lambda: f"epoch {epochs} never came")
            self.assertIsNone(task.poll(), "ended by itself")
            return task

        task = start_and_wait_for(5)
        os.kill(task.pid, signal.SIGUSR1)  # to the shell alone, as --signal=B: has it
        output, errors = task.communicate()
        self.assertEqual(task.returncode, 143, errors)
        self.assertEqual(json.loads(output)["status"], "interrupted")
        self.assertEqual((self.root / "scontrol").read_text(), "requeue 40_3\n")
        done = json.loads(output)["epochs"]

        task = start_and_wait_for(done + 5)
        os.killpg(task.pid, signal.SIGTERM)  # to all, as Slurm does
        output, errors = task.communicate()
        self.assertEqual(task.returncode, 143, errors)
        self.assertEqual(json.loads(output)["status"], "interrupted")  # saved: nobody sent it a second one
        self.assertGreater(json.loads(output)["epochs"], done)
        self.assertEqual((self.root / "scontrol").read_text(), "requeue 40_3\n")  # Slurm does so itself

        task = self.task(3, *options)
        output, errors = task.communicate()
        self.assertEqual(task.returncode, 0, errors)
        self.assertEqual(json.loads(output)["status"], "completed")
        self.assertEqual((run / "model.safetensors").read_bytes(), model())

    @unittest.skipUnless(shutil.which("parallel"), "needs parallel")
    def test_TakesOptionsFromALineOfTheGrid(self):
        self.write_program("mnist-train", '#!/bin/bash\necho "$@"\n')
        self.check(recipe("grid.txt").split("\nGRID=")[0])
        lines = (self.work / "grid.txt").read_text().splitlines()
        self.assertEqual(len(lines), 9)
        output, errors = self.task(2, "--epochs", "3", GRID="grid.txt").communicate()
        self.assertEqual(output, f"--out runs/2 --resume --json --quiet {lines[1]} --epochs 3\n", errors)
        (self.work / "windows.txt").write_text("\ufeff--lr 1\r\n--lr 2\r\n")
        output, errors = self.task(1, GRID="windows.txt").communicate()
        self.assertEqual(output, "--out runs/1 --resume --json --quiet --lr 1\n", errors)
        output, _ = self.task(2, "--epochs", "3").communicate()
        self.assertEqual(output, "--out runs/2 --resume --json --quiet --seed 2 --epochs 3\n")
        (self.work / "open.txt").write_text("--hidden '64\n")
        for number, grid, said in ((10, "grid.txt", "expected .*, found none"), (1, "none.txt", "none.txt"),
                                   ("", "grid.txt", "SLURM_ARRAY_TASK_ID"), (0, "grid.txt", "counted from 1"),
                                   (1, "open.txt", "quoted as in a shell in line 1")):
            task = self.task(number, GRID=grid)
            _, errors = task.communicate()
            self.assertEqual(task.returncode, 2)
            self.assertRegex(errors, f"^slurm_array.sh: error: .*{said}")

    def test_TakesQuotesInALineAndACommandWithArguments(self):
        self.write_program("show words", '#!/bin/bash\nprintf "<%s>" "$@"\n')
        (self.work / "grid.txt").write_text("""--hidden "64,32" --out 'a b' --data c\\ d\n""")
        options = "<--out><runs/1><--resume><--json><--quiet><--hidden><64,32><--out><a b><--data><c d>"
        for command, before in ((f"{self.bin}/show words", ""), ("bash -- words 1", "<1>")):
            (self.work / "words").write_text((self.bin / "show words").read_text())
            output, errors = self.task(1, GRID="grid.txt", MNIST_TRAIN=command).communicate()
            self.assertEqual(output, before + options, errors)

    def test_PassesFailuresOn(self):
        task = self.task(1, "--lr", "1e6")
        task.communicate()
        self.assertEqual(task.returncode, 4)
        self.assertFalse((self.root / "scontrol").exists())


class Slurm(Part):
    """A cluster of this machine alone, with a partition that preempts the other."""

    needs = ("munged", "slurmctld", "slurmd", "sbatch", "scontrol", "scancel", "squeue")

    def setUp(self):
        if os.geteuid() != 0:
            self.skipTest("needs to be root")
        super().setUp()
        for folder in ("state", "spool"):
            (self.root / folder).mkdir(mode=0o755)
        (self.root / "munge.key").write_bytes(os.urandom(1024))
        (self.root / "munge.key").chmod(0o400)
        host = socket.gethostname().split(".")[0]
        (self.root / "slurm.conf").write_text(f"""ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={free_port()}
SlurmdPort={free_port()}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={self.root}/munge.socket,cred_expire=5
CredType=cred/munge
StateSaveLocation={self.root}/state
SlurmdSpoolDir={self.root}/spool
SlurmctldPidFile={self.root}/slurmctld.pid
SlurmdPidFile={self.root}/slurmd.pid
SlurmctldLogFile={self.root}/slurmctld.log
SlurmdLogFile={self.root}/slurmd.log
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SwitchType=switch/none
MpiDefault=none
SchedulerParameters=sched_interval=1,bf_interval=1,sched_min_interval=0
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
KillWait=5
ReturnToService=2
NodeName={host} NodeAddr=127.0.0.1 CPUs=2 RealMemory=8000
PartitionName=low Nodes=ALL Default=YES PriorityTier=1 PreemptMode=REQUEUE
PartitionName=high Nodes=ALL PriorityTier=10 PreemptMode=OFF
""")
        self.environment["SLURM_CONF"] = str(self.root / "slurm.conf")
        munge = [f"--{name}-file={self.root}/munge.{name}" for name in ("key", "pid", "log", "seed")]
        self.start("munged", "--foreground", f"--socket={self.root}/munge.socket", *munge)
        wait_until((self.root / "munge.socket").exists, lambda: text_of(self.root / "munge.log"))
        self.start("slurmctld", "-D")
        self.start("slurmd", "-D")
        self.addCleanup(self.empty_queue)
        wait_until(lambda: "idle" in self.shell("sinfo -h -o %t").stdout,
                   lambda: text_of(self.root / "slurmctld.log") + text_of(self.root / "slurmd.log"))

    def start(self, *command):
        daemon = subprocess.Popen(command, env=self.environment, stdin=subprocess.DEVNULL,
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(Hosts.stop, daemon)

    def empty_queue(self):
        self.shell("scancel --user=root")
        wait_until(lambda: not self.queue(), lambda: "jobs do not end")

    def queue(self):
        return self.check("squeue -h")

    def state(self):
        logs = [*self.work.glob("slurm-*.out"), self.root / "slurmctld.log"]
        return self.shell("squeue").stdout + "".join(f"{log}:\n{text_of(log)[-3000:]}" for log in logs)

    def send(self, number, task):
        os.kill(int((self.root / f"{task}.pid").read_text()), number)

    def restarted(self, array, task):
        return "Restarts=0" not in self.check(f"scontrol show job {array}_{task}")

    def test_QueuesAgainWhatIsOutOfTimeOrPreempted(self):
        self.write_program("mnist-train", f"""#!/bin/bash
echo $$ > '{self.root}/'$SLURM_ARRAY_TASK_ID.pid
exec '{program}' "$@"
""")
        options = "--epochs 300 --save-every 50"
        array = self.check(f"sbatch --parsable --array=1-2 '{SLURM_SCRIPT}' {options}").strip()
        runs = [self.work / f"runs/{task}" for task in (1, 2)]
        for task, run in enumerate(runs, 1):  # held in mid-run: the rest would be over before Slurm acts
            wait_until(lambda: epochs_done(run) >= 5, self.state)
            self.send(signal.SIGSTOP, task)

        # The job id of one of the tasks is also that of the array, and queueing that again queues all.
        self.check(f"scancel --batch --signal=USR1 {array}_2")
        self.send(signal.SIGCONT, 2)
        wait_until(lambda: self.restarted(array, 2), self.state)
        self.assertEqual(status_of(runs[1]), "interrupted")
        self.assertFalse(self.restarted(array, 1))
        self.assertIsNone(status_of(runs[0]))

        # Slurm wakes what it preempts.
        self.check("sbatch --partition=high --cpus-per-task=2 --output=/dev/null --wrap true")
        wait_until(lambda: self.restarted(array, 1), self.state)
        wait_until(lambda: status_of(runs[0]) is not None, self.state)
        self.assertEqual(status_of(runs[0]), "interrupted")
        models = [self.reference(f"reference{seed}", "--epochs", "300", "--seed", str(seed)) for seed in (1, 2)]
        wait_until(lambda: not self.queue(), self.state)
        self.assertIn("DUE TO PREEMPTION", text_of(self.work / f"slurm-{array}_1.out"))
        for run, model in zip(runs, models):
            self.assertEqual(status_of(run), "completed", self.state())
            self.assertEqual((run / "model.safetensors").read_bytes(), model())


def main():
    global program
    program, part = str(Path(sys.argv[1]).resolve()), sys.argv[2]
    outcome = unittest.main(argv=["grid_test.py", part, *sys.argv[3:]], exit=False, verbosity=2).result
    if not outcome.wasSuccessful():
        sys.exit(1)
    sys.exit(SKIPPED if outcome.skipped and len(outcome.skipped) >= outcome.testsRun else 0)


if __name__ == "__main__":
    main()
