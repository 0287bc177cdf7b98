package io.elapid.data.source;

/**
 * Ridge regression of one-hot targets in closed form, as a classifier. Row i is of class i modulo
 * the number of classes.
 */
record Ridge(double[][] weights) {

  static Ridge fit(double[][] rows, int classes, double penalty) {
    int n = rows[0].length;
    double[][] gram = new double[n][n];
    double[][] right = new double[n][classes];
    for (int r = 0; r < rows.length; r++) {
      double[] row = rows[r];
      for (int i = 0; i < n; i++) {
        for (int j = 0; j <= i; j++) {
          gram[i][j] += row[i] * row[j];
        }
        right[i][r % classes] += row[i];
      }
    }
    for (int i = 0; i < n; i++) {
      gram[i][i] += penalty;
    }
    return new Ridge(solve(cholesky(gram), right, classes));
  }

  private static double[][] cholesky(double[][] a) {
    int n = a.length;
    for (int j = 0; j < n; j++) {
      for (int i = j; i < n; i++) {
        double sum = a[i][j];
        for (int k = 0; k < j; k++) {
          sum -= a[i][k] * a[j][k];
        }
        a[i][j] = i == j ? Math.sqrt(sum) : sum / a[j][j];
      }
    }
    return a;
  }

  private static double[][] solve(double[][] lower, double[][] right, int classes) {
    int n = lower.length;
    for (int c = 0; c < classes; c++) {
      for (int i = 0; i < n; i++) {
        for (int k = 0; k < i; k++) {
          right[i][c] -= lower[i][k] * right[k][c];
        }
        right[i][c] /= lower[i][i];
      }
      for (int i = n - 1; i >= 0; i--) {
        for (int k = i + 1; k < n; k++) {
          right[i][c] -= lower[k][i] * right[k][c];
        }
        right[i][c] /= lower[i][i];
      }
    }
    return right;
  }

  double accuracy(double[][] rows) {
    int classes = weights[0].length;
    int hits = 0;
    for (int r = 0; r < rows.length; r++) {
      double[] scores = new double[classes];
      for (int i = 0; i < rows[r].length; i++) {
        for (int c = 0; c < classes; c++) {
          scores[c] += rows[r][i] * weights[i][c];
        }
      }
      int best = 0;
      for (int c = 1; c < classes; c++) {
        best = scores[c] > scores[best] ? c : best;
      }
      hits += best == r % classes ? 1 : 0;
    }
    return (double) hits / rows.length;
  }
}
