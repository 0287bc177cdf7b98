package io.elapid.observe;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Points of training in ascending order of step, a limited number of them: when there are too many,
 * neighbours become one, and as many of those that follow become one, too. A joined point has the
 * mean loss and the throughput of all its steps.
 */
final class StepCurve {
  private final int most;
  private final TreeMap<Long, Joined> points = new TreeMap<>();
  private int stride = 1;

  /** A point that stands for {@code count} of them. */
  private record Joined(StepPoint point, int count) {
    Joined with(Joined next) {
      int all = count + next.count;
      double loss = (count * point.loss() + next.count * next.point.loss()) / all;
      // samples take seconds: rates of equally many samples are joined by their reciprocals
      double rate =
          all / (count / point.samplesPerSecond() + next.count / next.point.samplesPerSecond());
      StepPoint last = next.point;
      return new Joined(new StepPoint(last.step(), loss, last.learningRate(), rate), all);
    }
  }

  StepCurve(int most) {
    this.most = most;
  }

  /** Adds a point, which replaces what there was of its step and later ones. */
  void add(StepPoint point) {
    points.tailMap(point.step()).clear();
    Joined added = new Joined(point, 1);
    Map.Entry<Long, Joined> last = points.lastEntry();
    if (last != null && last.getValue().count() < stride) {
      points.remove(last.getKey());
      added = last.getValue().with(added);
    }
    points.put(point.step(), added);
    if (points.size() > most) {
      halve();
    }
  }

  /** Forgets what came after a step. */
  void cutAfter(long step) {
    points.tailMap(step, false).clear();
  }

  List<StepPoint> points() {
    return points.values().stream().map(Joined::point).toList();
  }

  private void halve() {
    stride *= 2;
    List<Joined> all = List.copyOf(points.values());
    points.clear();
    for (int i = 0; i + 1 < all.size(); i += 2) {
      Joined pair = all.get(i).with(all.get(i + 1));
      points.put(pair.point().step(), pair);
    }
    if (all.size() % 2 == 1) {
      Joined single = all.get(all.size() - 1);
      points.put(single.point().step(), single);
    }
  }
}
