package io.elapid.data.source;

import io.elapid.data.target.TargetKind;
import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import org.apache.hadoop.conf.Configuration;

/**
 * A data set in the form in which it was published.
 *
 * <p>Opened on the driver, where everything that can be wrong with the layout is found out; then
 * serialised to wherever its units are listed. Immutable and safe for concurrent use.
 */
public sealed interface DataSource extends Serializable
    permits ImageNetSource, CocoSource, Ade20kSource {

  /** Short lower-case name, for example "imagenet". */
  String name();

  /** What its samples are annotated with. */
  TargetKind kind();

  /** All classes in index order. */
  List<ClassLabel> classes();

  /** The pieces of the listing, in a fixed order; together they hold every sample once. */
  List<ListingUnit> units();

  /**
   * Lists one unit.
   *
   * @throws IOException when the storage fails
   * @throws io.elapid.data.InputException when what was found contradicts the labels
   */
  Listing list(Configuration conf, ListingUnit unit) throws IOException;
}
