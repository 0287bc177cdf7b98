/** Naming the one thing in a picture: how right the answers are. */
package io.elapid.task.classification;
