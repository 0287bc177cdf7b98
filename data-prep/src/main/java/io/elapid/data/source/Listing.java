package io.elapid.data.source;

import java.io.Closeable;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;

/**
 * What is in one unit of a data set, found while it is asked for. Trouble with the storage is an
 * {@link java.io.UncheckedIOException}, an input that cannot be used an {@link
 * io.elapid.data.InputException}. Close it; not safe for concurrent use.
 */
public interface Listing extends Iterator<Listed>, Closeable {

  /** Of what has been found already. */
  static Listing of(List<? extends Listed> found) {
    Iterator<? extends Listed> all = found.iterator();
    return new Listing() {
      @Override
      public boolean hasNext() {
        return all.hasNext();
      }

      @Override
      public Listed next() {
        return all.next();
      }

      @Override
      public void close() throws IOException {}
    };
  }
}
