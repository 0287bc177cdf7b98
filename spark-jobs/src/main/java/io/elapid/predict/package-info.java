/**
 * Trained networks in any Java program: {@code Predictor.load(path).predict(picture)} says which
 * class a picture shows, what objects are in it, or what each of its pixels belongs to. Needs no
 * Spark; the commands, Spark's tasks and the transformer of {@code io.elapid.spark} are built on
 * it, so that all of them give the same answers to the last bit.
 */
package io.elapid.predict;
