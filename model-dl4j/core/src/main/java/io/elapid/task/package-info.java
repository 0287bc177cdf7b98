/** What networks are trained for; one package per task, with its losses, targets and metrics. */
package io.elapid.task;
