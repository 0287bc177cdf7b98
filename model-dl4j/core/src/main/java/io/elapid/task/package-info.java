/**
 * What networks are trained for; one package per task, with its losses, targets and metrics, and
 * one for how detections and label maps are measured.
 */
package io.elapid.task;
