/**
 * The jobs as the driver sees them: prepare, train, evaluate, predict. Each is one class whose run
 * method reads top to bottom.
 */
package io.elapid.job;
