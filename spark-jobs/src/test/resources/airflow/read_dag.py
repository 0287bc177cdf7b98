"""Loads a DAG file with stand-ins for Airflow's classes, and prints as JSON what it asks of Airflow.

    python3 read_dag.py 2 elapid_imagenet '{"run_id": "manual__2026-07-01T00:00:00+00:00"}'

The first word is Airflow's major version. Stand-ins take the arguments that the documented classes take, those of the Spark
provider from 4.3 on, and fill in templates only where these do.
"""

import importlib
import inspect
import json
import re
import sys
import types

DAGS = []


class Dag:
    def __init__(
        self, dag_id, description, schedule, start_date, catchup, max_active_runs, params, default_args
    ):
        self.asked = {
            "dag_id": dag_id,
            "catchup": catchup,
            "max_active_runs": max_active_runs,
            "begins": start_date.isoformat(),
        }
        self.params, self.defaults, self.tasks = params, default_args, []

    def __enter__(self):
        DAGS.append(self)
        return self

    def __exit__(self, *failure):
        pass


class Param:
    def __init__(self, default, description=None, type=None, **schema):
        if "pattern" in schema and not re.search(schema["pattern"], default):
            raise ValueError(f"{default} does not match {schema['pattern']}")
        if "enum" in schema and default not in schema["enum"]:
            raise ValueError(f"{default} is none of {schema['enum']}")
        if unknown := set(schema) - {"pattern", "enum", "minLength"}:
            raise ValueError(f"no check of Airflow's: {unknown}")
        self.default = default


class Operator:
    """What every task takes; subclasses name what they take and which of it are templates."""

    TAKES, TEMPLATES = (), ()
    COMMON = ("task_id", "retries", "retry_delay", "on_failure_callback", "pool", "outlets")

    def __init__(self, **given):
        if unknown := set(given) - {*self.COMMON, *self.TAKES}:
            raise TypeError(f"{type(self).__name__} takes no {unknown}")
        dag = DAGS[-1]
        if unknown := set(dag.defaults) - set(self.COMMON):
            raise TypeError(f"no argument of every task: {unknown}")
        self.given, self.before = {**dag.defaults, **given}, []
        dag.tasks.append(self)

    def __rshift__(self, other):
        other.before.append(self.given["task_id"])
        return other

    def asked(self, values):
        known = {}
        for key, value in self.given.items():
            known[key] = filled(value, values) if key in self.TEMPLATES else value
            if key not in self.TEMPLATES and "{{" in str(value):
                raise ValueError(f"{key} is no template: {value}")
        known.update(kind=type(self).__name__, after=self.before)
        return known


class SparkSubmitOperator(Operator):
    TEMPLATES = ("application", "conf", "files", "jars", "packages", "name", "application_args", "env_vars")
    TAKES = (*TEMPLATES, "conn_id", "java_class", "verbose", "num_executors", "driver_memory", "executor_memory")


class PythonOperator(Operator):
    TEMPLATES = ("op_args", "op_kwargs")
    TAKES = (*TEMPLATES, "python_callable")


class BashSensor(Operator):
    TEMPLATES = ("bash_command", "env")
    TAKES = (*TEMPLATES, "poke_interval", "timeout", "mode")


def filled(value, values):
    if isinstance(value, list):
        return [filled(one, values) for one in value]
    if isinstance(value, dict):
        return {key: filled(one, values) for key, one in value.items()}
    return re.sub(r"\{\{(.*?)\}\}", lambda found: template(found.group(1).strip(), values), value)


def template(text, values):
    """The part of Jinja that the DAGs use; anything else is a mistake."""
    name, *filters = [part.strip() for part in text.split("|")]
    if name.startswith("params."):
        value = values["params"][name.removeprefix("params.")]
    else:
        value = values[name]
    for each in filters:
        old, new = re.fullmatch(r"replace\('(.)', '(.)'\)", each).groups()
        value = value.replace(old, new)
    return value


def module(name, **contents):
    parts = name.split(".")
    for end in range(1, len(parts) + 1):
        sys.modules.setdefault(".".join(parts[:end]), types.ModuleType(".".join(parts[:end])))
    vars(sys.modules[name]).update(contents)


def stand_in(version):
    def asset(uri):
        return {"uri": uri}

    module("airflow.providers.apache.spark.operators.spark_submit", SparkSubmitOperator=SparkSubmitOperator)
    if version == "2":
        module("airflow", DAG=Dag)
        module("airflow.datasets", Dataset=asset)
        module("airflow.models.param", Param=Param)
        module("airflow.operators.python", PythonOperator=PythonOperator)
        module("airflow.sensors.bash", BashSensor=BashSensor)
    else:
        module("airflow.sdk", DAG=Dag, Asset=asset, Param=Param)
        module("airflow.providers.standard.operators.python", PythonOperator=PythonOperator)
        module("airflow.providers.standard.sensors.bash", BashSensor=BashSensor)


def main(version, name, values):
    stand_in(version)
    dag = importlib.import_module(name).dag
    values = {"params": {key: one.default for key, one in dag.params.items()}, **json.loads(values)}
    asked = {**dag.asked, "params": values["params"], "tasks": [task.asked(values) for task in dag.tasks]}
    print(json.dumps(asked, default=lambda one: one.__name__ if inspect.isfunction(one) else str(one)))


if __name__ == "__main__":
    sys.path.insert(0, ".")
    main(*sys.argv[1:])
