package io.elapid.kernel;

final class ReferenceScanProjection implements ScanProjectionKernel {
  @Override
  public void forward(Inputs in, Outputs out) {
    ScanGeometry g = in.geometry();
    double[] row = new double[in.rows()];
    for (int s = 0; s < g.batch(); s++) {
      for (int k = 0; k < g.directions(); k++) {
        for (int t = 0; t < g.steps(); t++) {
          int step = (s * g.directions() + k) * g.steps() + t;
          project(in, s, k, t, row);
          for (int j = 0; j < in.rank(); j++) {
            out.r().put(step * in.rank() + j, row[j]);
          }
          for (int n = 0; n < g.states(); n++) {
            out.b().put(step * g.states() + n, row[in.rank() + n]);
            out.c().put(step * g.states() + n, row[in.rank() + g.states() + n]);
          }
          for (int d = 0; d < g.channels(); d++) {
            double sum = 0;
            for (int j = 0; j < in.rank(); j++) {
              sum += in.dtWeight().at((k * g.channels() + d) * in.rank() + j) * row[j];
            }
            out.delta().put(step * g.channels() + d, sum);
          }
        }
      }
    }
  }

  private static void project(Inputs in, int s, int k, int t, double[] row) {
    ScanGeometry g = in.geometry();
    for (int j = 0; j < row.length; j++) {
      row[j] = 0;
      for (int d = 0; d < g.channels(); d++) {
        row[j] += in.xProj().at((k * row.length + j) * g.channels() + d) * x(in, s, k, t, d);
      }
    }
  }

  private static double x(Inputs in, int s, int k, int t, int d) {
    int index = index(in.geometry(), s, k, t, d);
    return index == ScanOrder.PADDING ? 0 : in.x().at(index);
  }

  /** Where in the map channel {@code d} of a step lies, or padding. */
  private static int index(ScanGeometry g, int s, int k, int t, int d) {
    int position = g.order().position(k, t, g.height(), g.width());
    int row = s * g.mapChannels() + g.mapChannel(k, d);
    return position == ScanOrder.PADDING ? position : row * g.positions() + position;
  }

  @Override
  public void gradient(Inputs in, Gradient a) {
    ScanGeometry g = in.geometry();
    double[] dx = new double[in.x().size()];
    double[] dxProj = new double[in.xProj().size()];
    double[] ddtWeight = new double[in.dtWeight().size()];
    for (int s = 0; s < g.batch(); s++) {
      for (int k = 0; k < g.directions(); k++) {
        for (int t = 0; t < g.steps(); t++) {
          int step = (s * g.directions() + k) * g.steps() + t;
          double[] q = rowGradient(in, a, k, step, ddtWeight);
          for (int d = 0; d < g.channels(); d++) {
            int index = index(g, s, k, t, d);
            if (index == ScanOrder.PADDING) {
              continue;
            }
            for (int j = 0; j < q.length; j++) {
              int weight = (k * q.length + j) * g.channels() + d;
              dx[index] += q[j] * in.xProj().at(weight);
              dxProj[weight] += q[j] * in.x().at(index);
            }
          }
        }
      }
    }
    write(dx, a.dx());
    write(dxProj, a.dxProj());
    write(ddtWeight, a.ddtWeight());
  }

  /** {@code [dr ; db ; dc]} of one step; adds to the gradient of the step projection on the way. */
  private static double[] rowGradient(Inputs in, Gradient a, int k, int step, double[] ddtWeight) {
    ScanGeometry g = in.geometry();
    double[] q = new double[in.rows()];
    for (int d = 0; d < g.channels(); d++) {
      double ddelta = a.ddelta().at(step * g.channels() + d);
      for (int j = 0; j < in.rank(); j++) {
        int weight = (k * g.channels() + d) * in.rank() + j;
        q[j] += ddelta * in.dtWeight().at(weight);
        ddtWeight[weight] += ddelta * a.r().at(step * in.rank() + j);
      }
    }
    for (int n = 0; n < g.states(); n++) {
      q[in.rank() + n] = a.db().at(step * g.states() + n);
      q[in.rank() + g.states() + n] = a.dc().at(step * g.states() + n);
    }
    return q;
  }

  private static void write(double[] from, Tensor to) {
    for (int i = 0; i < from.length; i++) {
      to.put(i, from[i]);
    }
  }
}
