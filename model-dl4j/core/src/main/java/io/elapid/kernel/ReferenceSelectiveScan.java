package io.elapid.kernel;

import java.util.Arrays;

final class ReferenceSelectiveScan implements SelectiveScanKernel {
  @Override
  public void forward(Inputs in, Tensor y, Tensor states) {
    ScanGeometry g = in.geometry();
    double[] sums = new double[g.positions()];
    for (int s = 0; s < g.batch(); s++) {
      for (int m = 0; m < g.mapChannels(); m++) {
        Arrays.fill(sums, 0);
        for (int row = m; row < g.directions() * g.channels(); row += g.mapChannels()) {
          Sequence sequence = new Sequence(in, s, row);
          sequence.run();
          sequence.save(states);
          sequence.addOutputs(sums);
        }
        for (int p = 0; p < sums.length; p++) {
          y.put((s * g.mapChannels() + m) * sums.length + p, sums[p]);
        }
      }
    }
  }

  @Override
  public void gradient(Inputs in, Tensor dy, Tensor states, Outputs out) {
    ScanGeometry g = in.geometry();
    Sums sums = new Sums(in);
    for (int s = 0; s < g.batch(); s++) {
      for (int row = 0; row < g.directions() * g.channels(); row++) {
        Sequence sequence = new Sequence(in, s, row);
        sequence.run();
        sequence.back(dy, out.ddelta(), sums);
      }
    }
    sums.write(out);
  }

  /** Gradients that several sequences add to. */
  private static final class Sums {
    private final double[] du;
    private final double[] db;
    private final double[] dc;
    private final double[] daLog;
    private final double[] dskip;
    private final double[] dbias;

    Sums(Inputs in) {
      du = new double[in.u().size()];
      db = new double[in.b().size()];
      dc = new double[in.c().size()];
      daLog = new double[in.aLog().size()];
      dskip = new double[in.aLog().dim(0)];
      dbias = new double[in.aLog().dim(0)];
    }

    void write(Outputs out) {
      write(du, out.du());
      write(db, out.db());
      write(dc, out.dc());
      write(daLog, out.daLog());
      out.dskip().ifPresent(tensor -> write(dskip, tensor));
      out.dbias().ifPresent(tensor -> write(dbias, tensor));
    }

    private static void write(double[] from, Tensor to) {
      for (int i = 0; i < from.length; i++) {
        to.put(i, from[i]);
      }
    }
  }

  /** One channel of one direction of one sample. */
  private static final class Sequence {
    private final Inputs in;
    private final ScanGeometry g;
    private final int steps;
    private final int states;
    private final int sample;
    private final int direction;
    private final int row;
    private final int channel;
    private final int mapStart;
    private final double skip;
    private final double bias;
    private final double[] a;

    /** State {@code n} after {@code t} steps at {@code t * states + n}. */
    private final double[] h;

    Sequence(Inputs in, int sample, int row) {
      this.in = in;
      this.g = in.geometry();
      this.steps = g.steps();
      this.states = g.states();
      this.sample = sample;
      this.row = row;
      this.direction = row / g.channels();
      this.channel = row % g.channels();
      int mapChannel = g.mapChannel(direction, channel);
      this.mapStart = (sample * g.mapChannels() + mapChannel) * g.positions();
      this.skip = in.skip().map(tensor -> tensor.at(row)).orElse(0.0);
      this.bias = in.bias().map(tensor -> tensor.at(row)).orElse(0.0);
      this.a = new double[states];
      for (int n = 0; n < states; n++) {
        a[n] = -Math.exp(in.aLog().at(row * states + n));
      }
      this.h = new double[(steps + 1) * states];
    }

    private int step(int t) {
      return (sample * g.directions() + direction) * steps + t;
    }

    private int position(int t) {
      return g.order().position(direction, t, g.height(), g.width());
    }

    private double onMap(Tensor map, int t) {
      int position = position(t);
      return position == ScanOrder.PADDING ? 0 : map.at(mapStart + position);
    }

    private double argument(int t) {
      return in.delta().at(step(t) * g.channels() + channel) + bias;
    }

    private double dt(int t) {
      return in.rule() == StepRule.SOFTPLUS ? Scalars.softplus(argument(t)) : argument(t);
    }

    void run() {
      for (int t = 0; t < steps; t++) {
        double dt = dt(t);
        double u = onMap(in.u(), t);
        for (int n = 0; n < states; n++) {
          h[(t + 1) * states + n] =
              Math.exp(dt * a[n]) * h[t * states + n] + dt * in.b().at(step(t) * states + n) * u;
        }
      }
    }

    void save(Tensor saved) {
      int first = (sample * g.directions() + direction) * g.savedStates();
      for (int i = 0; i < g.savedStates(); i++) {
        int after = Math.min((i + 1) * ScanGeometry.CHUNK, steps);
        for (int n = 0; n < states; n++) {
          saved.put(((first + i) * states + n) * g.channels() + channel, h[after * states + n]);
        }
      }
    }

    void addOutputs(double[] y) {
      for (int t = 0; t < steps; t++) {
        int position = position(t);
        if (position == ScanOrder.PADDING) {
          continue;
        }
        double sum = skip * onMap(in.u(), t);
        for (int n = 0; n < states; n++) {
          sum += in.c().at(step(t) * states + n) * h[(t + 1) * states + n];
        }
        y[position] += sum;
      }
    }

    void back(Tensor dys, Tensor ddelta, Sums sums) {
      double[] carry = new double[states];
      for (int t = steps - 1; t >= 0; t--) {
        double dt = dt(t);
        double u = onMap(in.u(), t);
        double dy = onMap(dys, t);
        double gb = 0;
        double ddt = 0;
        for (int n = 0; n < states; n++) {
          int i = step(t) * states + n;
          double gradient = dy * in.c().at(i) + carry[n];
          carry[n] = gradient * Math.exp(dt * a[n]);
          double decay = carry[n] * h[t * states + n] * a[n];
          sums.dc[i] += dy * h[(t + 1) * states + n];
          sums.db[i] += gradient * dt * u;
          sums.daLog[row * states + n] += decay * dt;
          gb += gradient * in.b().at(i);
          ddt += decay;
        }
        ddt += gb * u;
        double slope = in.rule() == StepRule.SOFTPLUS ? Scalars.sigmoid(argument(t)) : 1;
        ddelta.put(step(t) * g.channels() + channel, ddt * slope);
        sums.dbias[row] += ddt * slope;
        sums.dskip[row] += dy * u;
        int position = position(t);
        if (position != ScanOrder.PADDING) {
          sums.du[mapStart + position] += dt * gb + skip * dy;
        }
      }
    }
  }
}
