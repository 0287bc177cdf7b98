"""Arguments of the jobs of a pipeline, from pipelines.json. Needs no Airflow.

    python3 elapid_pipelines.py render imagenet run_id=try-1 data=hdfs:///data/imagenet
    python3 elapid_pipelines.py gate result.json top1 0.70

`render` prints what each task passes to elapid as JSON; `gate` ends with 1 if a result is below what is asked.
"""

import json
import pathlib
import sys

FILE = pathlib.Path(__file__).with_name("pipelines.json")


def pipeline(name):
    """What pipelines.json says of a pipeline."""
    return json.loads(FILE.read_text(encoding="utf-8"))[name]


def defaults(name):
    """Default value of each parameter."""
    return dict(pipeline(name)["params"])


def tasks(name, values):
    """Tasks in order, each with `arguments` for elapid or with `gate`; `values` may be Jinja templates."""
    described = pipeline(name)
    known = {**described["params"], **values}
    for key, template in described["derived"].items():
        known[key] = _filled(template, known)
    return [
        {key: [_filled(word, known) for word in value] if isinstance(value, list) else value for key, value in task.items()}
        for task in described["tasks"]
    ]


def _filled(text, values):
    # not str.format: values may be templates with braces of their own
    start, out = 0, []
    while (brace := text.find("{", start)) >= 0:
        end = text.index("}", brace)
        out += [text[start:brace], str(values[text[brace + 1 : end]])]
        start = end + 1
    return "".join(out) + text[start:]


def check_gate(result, metric, least):
    """Raises ValueError if the measure `metric` in the file `result`, which evaluate --json has written, is below `least`."""
    measured = json.loads(pathlib.Path(result).read_text(encoding="utf-8"))["measures"]
    if metric not in measured:
        raise ValueError(f"{result} has no {metric}; it has {', '.join(measured)}")
    if not float(measured[metric]) >= float(least):
        raise ValueError(f"{metric} is {float(measured[metric]):.4f}, below {least}: {result}")


def main(words):
    if words[0] == "render":
        values = dict(word.split("=", 1) for word in words[2:])
        print(json.dumps(tasks(words[1], values)))
    elif words[0] == "gate":
        try:
            check_gate(*words[1:])
        except ValueError as problem:
            sys.exit(str(problem))
    else:
        sys.exit(f"unknown: {words[0]}; see the head of this file")


if __name__ == "__main__":
    main(sys.argv[1:])
