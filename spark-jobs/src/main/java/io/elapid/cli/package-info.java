/**
 * The command line: one class per command, turning words into a job and failures into one line and
 * an exit code.
 */
package io.elapid.cli;
