/**
 * What paragraphs of a notebook call, from Scala or Java: {@link io.elapid.notebook.Notebook} opens
 * data, trains, looks into networks and compares them.
 *
 * <p>Answers are plain values to compute with, and {@link io.elapid.notebook.Display}s to print:
 * their text is what Zeppelin shows as a table, a chart or pictures. The notes themselves are in
 * the folder {@code notebooks}.
 */
package io.elapid.notebook;
