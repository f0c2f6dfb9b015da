"""Prints one line `name: what happened` for each thing a client does, without what differs from run to run."""


def show(name, run):
    try:
        print(f"{name}: {run()}", flush=True)
    except Exception as error:  # what a client raises is what it saw
        print(f"{name}: {type(error).__name__}", flush=True)
