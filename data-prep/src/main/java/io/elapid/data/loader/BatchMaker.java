package io.elapid.data.loader;

import io.elapid.data.image.UnreadableImageException;
import io.elapid.data.shard.Sample;
import java.util.List;

/** What the samples of one kind of data set become. Safe for concurrent use. */
interface BatchMaker<B> {
  /** What a batch of so many samples is collected in. */
  Rows<B> begin(BatchPlan.Encoded encoded);

  /** Takes a batch's memory back. */
  void recycle(B batch);

  /**
   * A decoded row that is to be part of the batch.
   *
   * @param index it was decoded as
   */
  record Row(int index, Sample sample, long seed) {}

  /** One batch that is being made. */
  interface Rows<B> {
    /**
     * Decodes a sample; different rows may be decoded at the same time.
     *
     * @param seed of all that is random about it
     */
    void decode(int row, Sample sample, long seed) throws UnreadableImageException;

    /**
     * The batch of the given rows in their order; called once, when all of them are decoded.
     *
     * @param rows at least one
     */
    B finish(List<Row> rows);
  }
}
