"""Asks a runner (bench/rego) for many answers in one process, within bounds of time and memory.

A runner reads a file of lines and writes a line for each. Where it ends before its last answer (a panic, a crash, no
memory, out of time), what it has not answered is asked again in ever smaller parts, until what ends it is alone.
"""

import json
import resource
import subprocess

MEMORY = 8 << 30


def bounded():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def ask(program, mode, questions, path, seconds):
    """The lines that it answers before it ends, and how it ended: empty where it has answered all."""
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(json.dumps(one) + "\n" for one in questions)
    started = [program, mode, path]
    try:
        done = subprocess.run(started, capture_output=True, check=False, timeout=seconds, preexec_fn=bounded)
    except subprocess.TimeoutExpired as problem:
        lines, end = problem.stdout or b"", "out of time"
    else:
        lines, end = done.stdout, "" if done.returncode == 0 else f"with {done.returncode}"
        if b"out of memory" in done.stderr or b"bad_alloc" in done.stderr:
            end = "out of memory"
    # The last line is whole only with its end.
    return lines.split(b"\n")[:-1], end


def answers(program, mode, questions, path, seconds_of, read=json.loads):
    """One for each question, in order; {"ended": "out of time"} (for example) for what ends the program. `seconds_of`
    says how long that many questions may take."""
    found, size = [], len(questions)
    while len(found) < len(questions):
        part = questions[len(found) : len(found) + size]
        lines, end = ask(program, mode, part, path, seconds_of(len(part)))
        found += [read(line) for line in lines]
        if end and len(part) == 1 and not lines:
            found.append({"ended": end})
        elif end:
            size = max(1, size // 16)
        elif len(lines) != len(part):
            raise SystemExit(f"{program} answered {len(lines)} of {len(part)} lines, the first of them {part[0]}")
        else:
            size = len(questions)
    return found
