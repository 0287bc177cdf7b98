"""Airflow: an ImageNet run, from raw archives to weights that are good enough to be handed on.

Copy this folder into the DAG folder; ELAPID_HOME names a checkout that has been built. Needs
apache-airflow-providers-apache-spark 4.3 or later; master, deploy mode and queue belong to the connection
`elapid_spark` (deploy mode client: the gate reads a file that the driver writes). A task that is tried again gets the
same run folder, so that training goes on where it stopped.
"""

import datetime
import glob
import os

try:  # Airflow 3
    from airflow.sdk import DAG, Asset, Param
except ImportError:  # Airflow 2
    from airflow import DAG
    from airflow.datasets import Dataset as Asset
    from airflow.models.param import Param
try:
    from airflow.providers.standard.operators.python import PythonOperator
    from airflow.providers.standard.sensors.bash import BashSensor
except ImportError:
    from airflow.operators.python import PythonOperator
    from airflow.sensors.bash import BashSensor
from airflow.providers.apache.spark.operators.spark_submit import SparkSubmitOperator

import elapid_pipelines

NAME = "imagenet"
BUILT = os.path.join(os.environ.get("ELAPID_HOME", "/opt/elapid"), "spark-jobs", "target")
TRAINING_POOL = "elapid_training"  # airflow pools set elapid_training 1 "runs that train at a time"

CONF = {
    "spark.driver.defaultJavaOptions": "--add-modules=jdk.incubator.vector -Djava.awt.headless=true",
    "spark.executor.defaultJavaOptions": "--add-modules=jdk.incubator.vector -Djava.awt.headless=true",
    "spark.executorEnv.OMP_WAIT_POLICY": "passive",
}


def say_what_failed(context):
    """Where to look first; put a message to people here."""
    print(f"elapid: {context['task_instance'].task_id} failed: {context.get('exception')}")


def params():
    """Parameters of a run with their checks."""
    kinds = {
        "ranks": Param("16", type="string", pattern="^[1-9][0-9]{0,3}$", description="barrier tasks that train together"),
        "variant": Param("ema", enum=["model", "ema"], description="the weights as trained, or their moving average"),
        "least": Param("0.70", type="string", pattern="^(0(\\.[0-9]+)?|1(\\.0+)?)$", description="what the gate asks for"),
    }
    return {key: kinds.get(key, Param(value, type="string", minLength=1)) for key, value in elapid_pipelines.defaults(NAME).items()}


def templates():
    """Each parameter, and the run's id without what paths do not take, as Airflow fills them in."""
    values = {key: "{{ params.%s }}" % key for key in elapid_pipelines.defaults(NAME)}
    values["run_id"] = "{{ run_id | replace(':', '-') | replace('+', '-') }}"
    return values


with DAG(
    dag_id="elapid_imagenet",
    description="ImageNet: look, prepare, verify, train, evaluate, gate, hand on",
    schedule=None,
    start_date=datetime.datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
    params=params(),
    default_args={
        "retries": 3,
        "retry_delay": datetime.timedelta(minutes=2),
        "on_failure_callback": say_what_failed,
    },
) as dag:
    before = BashSensor(
        task_id="raw_is_there",
        bash_command="hadoop fs -test -e '{{ params.raw }}'",
        poke_interval=300,
        timeout=24 * 3600,
        mode="reschedule",
    )
    for task in elapid_pipelines.tasks(NAME, templates()):
        if "gate" in task:
            result, metric, least = task["gate"]
            now = PythonOperator(
                task_id=task["id"],
                python_callable=elapid_pipelines.check_gate,
                op_kwargs={"result": result, "metric": metric, "least": least},
                retries=0,
            )
        else:
            now = SparkSubmitOperator(
                task_id=task["id"],
                conn_id="elapid_spark",
                name="elapid " + task["id"],
                java_class="io.elapid.cli.Elapid",
                application=BUILT + "/elapid-spark-0.1.0.jar",
                jars=",".join(sorted(glob.glob(BUILT + "/lib/*.jar"))),
                conf=CONF,
                application_args=task["arguments"],
                pool=TRAINING_POOL if task["id"] == "train" else "default_pool",
                outlets=[Asset("elapid://imagenet/model")] if task["id"] == "hand_on" else [],
            )
        before >> now
        before = now
