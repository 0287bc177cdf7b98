package io.elapid.checkpoint.pickle;

/** An object that is kept as a name only: what a checkpoint holds beside tensors. */
public record PyObject(String type) {}
