package io.elapid.task.evaluation;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Results of an evaluation as bytes: big-endian numbers, every length before what it counts.
 * Nothing is allocated for a length that the bytes left could not hold.
 */
final class MatchesCodec {
  private static final int MAGIC = 0x45434531;
  private static final int RANGES = AreaRange.COUNT;
  private static final int BYTES_PER_DETECTION = Double.BYTES + RANGES * Integer.BYTES;
  private static final int BYTES_PER_CLASS = (2 + RANGES) * Integer.BYTES;
  private static final int BYTES_PER_PICTURE = Long.BYTES + Integer.BYTES;
  private static final int FLAGS = ((1 << Thresholds.IOUS) - 1) * (1 | 1 << ClassMatches.IGNORED);

  private final ByteBuffer in;

  private MatchesCodec(byte[] bytes) {
    this.in = ByteBuffer.wrap(bytes);
  }

  static byte[] encode(CocoEvaluator evaluator) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(MAGIC);
      out.writeInt(evaluator.type() == IouType.SEGM ? 1 : 0);
      out.writeInt(evaluator.grouping() == ClassGrouping.ALL_TOGETHER ? 1 : 0);
      out.writeInt(evaluator.classes());
      out.writeInt(evaluator.pictures().size());
      for (Map.Entry<Long, List<ClassMatches>> picture : evaluator.pictures().entrySet()) {
        out.writeLong(picture.getKey());
        out.writeInt(picture.getValue().size());
        for (ClassMatches matches : picture.getValue()) {
          write(matches, out);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static void write(ClassMatches matches, DataOutputStream out) throws IOException {
    out.writeInt(matches.label());
    for (int wanted : matches.wanted()) {
      out.writeInt(wanted);
    }
    out.writeInt(matches.scores().length);
    for (double score : matches.scores()) {
      out.writeDouble(score);
    }
    for (int flags : matches.flags()) {
      out.writeInt(flags);
    }
  }

  static CocoEvaluator decode(byte[] bytes) {
    try {
      return new MatchesCodec(bytes).decode();
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("not detection results: cut short", e);
    }
  }

  private CocoEvaluator decode() {
    require(in.getInt() == MAGIC, "they begin otherwise");
    IouType type = second() ? IouType.SEGM : IouType.BBOX;
    ClassGrouping grouping = second() ? ClassGrouping.ALL_TOGETHER : ClassGrouping.BY_CLASS;
    int classes = in.getInt();
    CocoEvaluator evaluator = new CocoEvaluator(type, grouping, classes);
    int pictures = length(BYTES_PER_PICTURE);
    for (int i = 0; i < pictures; i++) {
      long id = in.getLong();
      int count = length(BYTES_PER_CLASS);
      List<ClassMatches> matches = new ArrayList<>(count);
      int before = -1;
      for (int j = 0; j < count; j++) {
        ClassMatches one = matches();
        require(one.label() > before && one.label() < evaluator.groups(), "order of classes");
        before = one.label();
        matches.add(one);
      }
      evaluator.put(id, matches);
    }
    require(!in.hasRemaining(), "more than there should be");
    return evaluator;
  }

  private ClassMatches matches() {
    int label = in.getInt();
    int[] wanted = new int[RANGES];
    for (int i = 0; i < RANGES; i++) {
      wanted[i] = in.getInt();
      require(wanted[i] >= 0, "a number of objects");
    }
    double[] scores = new double[length(BYTES_PER_DETECTION)];
    require(scores.length <= DetectionLimits.MOST, "too many detections");
    for (int i = 0; i < scores.length; i++) {
      scores[i] = in.getDouble();
      require(Double.isFinite(scores[i]) && (i == 0 || scores[i] <= scores[i - 1]), "scores");
    }
    int[] flags = new int[RANGES * scores.length];
    for (int i = 0; i < flags.length; i++) {
      flags[i] = in.getInt();
      require((flags[i] & ~FLAGS) == 0, "match flags");
    }
    return new ClassMatches(label, wanted, scores, flags);
  }

  /** Which of two choices. */
  private boolean second() {
    int code = in.getInt();
    require(code == 0 || code == 1, "a choice");
    return code == 1;
  }

  private int length(int bytesEach) {
    int length = in.getInt();
    require(length >= 0 && (long) length * bytesEach <= in.remaining(), "a length");
    return length;
  }

  private static void require(boolean condition, String what) {
    if (!condition) {
      throw new IllegalArgumentException("not detection results: wrong in " + what);
    }
  }
}
