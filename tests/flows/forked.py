"""Commands as processes that start at once: forked from one that has the command line loaded and the workers' fork server running.

What each would otherwise load for itself and for its workers is loaded once for all of them. Everything else a command has to itself,
as every process: arguments, environment, folder, files, memory, signals and its end.

`python -m tests.flows.forked FD` is the one they are forked from. Over the socket FD come three files for each: the request as JSON,
and what its stdout and stderr are to be; back goes its exit code, a line.
"""

import importlib
import json
import os
import socket
import sys
import traceback
from multiprocessing import forkserver
from typing import NoReturn

import flows
from flows.cli import main as wirehouse
from schemas.settings import Settings
from tasks.workers import PRELOAD, _start_pool


def main() -> None:
    """Fork a command for each request until nobody is there to make one."""
    line = socket.socket(fileno=int(sys.argv[1]))
    _start_pool(Settings(), PRELOAD)
    forkserver.ensure_running = forkserver._forkserver.ensure_running = lambda: None  # it runs, and is no child of who will ask
    while True:
        mark, files, *_ = socket.recv_fds(line, 1, 3)
        if not mark:
            return
        command = os.fork()
        if not command:
            line.close()
            _become(*files)
        for file in files:
            os.close(file)
        line.sendall(b"%d\n" % os.waitstatus_to_exitcode(os.waitpid(command, 0)[1]))


def _become(asked: int, out: int, errors: int) -> NoReturn:
    """Be the command that was asked for."""
    for given, usual in ((out, 1), (errors, 2)):
        os.dup2(given, usual)
        os.close(given)
    with open(asked, encoding="utf-8") as file:
        request = json.load(file)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environ"])
    importlib.reload(flows)  # which says in the environment that nothing phones home
    sys.argv = ["wirehouse", *request["arguments"]]
    try:
        wirehouse()
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(1)


if __name__ == "__main__":
    main()
