"""Airflow DAG of COCO: detection, from raw archives to a model that is good enough to be handed on."""

from elapid_dag import pipeline_dag

dag = pipeline_dag("coco")
