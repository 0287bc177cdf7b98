"""Airflow: one DAG per pipeline of pipelines.json, built by `pipeline_dag`.

Copy this folder into the DAG folder; ELAPID_HOME names an unpacked distribution, or a checkout that has been built. Needs
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

HOME = os.environ.get("ELAPID_HOME", "/opt/elapid")
BUILT = HOME if os.path.isdir(os.path.join(HOME, "lib")) else os.path.join(HOME, "spark-jobs", "target")
ANY = {"pattern": "^[^']+$"}  # the sensor's command has quotes around a path
GPU_POOL = "elapid_gpu"  # airflow pools set elapid_gpu 1 "runs that hold GPUs at a time"

JAVA = "--add-modules=jdk.incubator.vector,jdk.incubator.foreign --enable-native-access=ALL-UNNAMED -Djava.awt.headless=true"
CONF = {
    "spark.driver.defaultJavaOptions": JAVA,
    "spark.executor.defaultJavaOptions": JAVA,
    "spark.executorEnv.OMP_WAIT_POLICY": "passive",
    "spark.executorEnv.GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
}


def say_what_failed(context):
    """Where to look first; put a message to people here."""
    print(f"elapid: {context['task_instance'].task_id} failed: {context.get('exception')}")


def params(name):
    """Parameters of a run with their checks."""
    checks = elapid_pipelines.pipeline(name)["checks"]
    return {
        key: Param(value, type="string", **checks.get(key, ANY))
        for key, value in elapid_pipelines.defaults(name).items()
    }


def templates(name):
    """Each parameter, and the run's id without what paths do not take, as Airflow fills them in."""
    values = {key: "{{ params.%s }}" % key for key in elapid_pipelines.defaults(name)}
    values["run_id"] = "{{ run_id | replace(':', '-') | replace('+', '-') }}"
    return values


def pipeline_dag(name):
    """The DAG of a pipeline: its tasks one after the other, once the raw data is there."""
    with DAG(
        dag_id="elapid_" + name,
        description=name + ": look, prepare, verify, train, evaluate, gate, export",
        schedule=None,
        start_date=datetime.datetime(2026, 1, 1),
        catchup=False,
        max_active_runs=1,
        params=params(name),
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
        for task in elapid_pipelines.tasks(name, templates(name)):
            now = _gate(task) if "gate" in task else _job(task)
            before >> now
            before = now
    return dag


def _gate(task):
    result, metric, least = task["gate"]
    return PythonOperator(
        task_id=task["id"],
        python_callable=elapid_pipelines.check_gate,
        op_kwargs={"result": result, "metric": metric, "least": least},
        retries=0,
    )


def _job(task):
    return SparkSubmitOperator(
        task_id=task["id"],
        conn_id="elapid_spark",
        name="elapid " + task["id"],
        java_class="io.elapid.cli.Elapid",
        application=BUILT + "/elapid-spark-0.1.0.jar",
        jars=",".join(sorted(glob.glob(BUILT + "/lib/*.jar"))),
        conf=CONF,
        application_args=task["arguments"],
        pool=GPU_POOL if task.get("gpu") else "default_pool",
        outlets=[Asset(task["outlet"])] if "outlet" in task else [],
    )
