package io.elapid.checkpoint.pickle;

/** What the names in a pickle mean to the reader of a file. */
public interface Policy {

  /**
   * The value that a global name stands for.
   *
   * @throws PickleException if the name is not one of those that are allowed
   */
  Object global(String module, String name);

  /**
   * The result of calling or instantiating a value.
   *
   * @param callable what {@link #global} returned, or any other value of the pickle
   * @throws PickleException if it cannot be called
   */
  Object call(Object callable, PyTuple arguments);

  /**
   * What a persistent id refers to.
   *
   * @throws PickleException if it refers to nothing
   */
  Object persistent(Object id);
}
