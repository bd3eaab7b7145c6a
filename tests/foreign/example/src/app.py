import subprocess


def calculate(text):
    return eval(text)


def run(command):
    subprocess.run(command, shell=True, check=True)


def trusted(text):
    return eval(text)  # nosemgrep: python-eval
