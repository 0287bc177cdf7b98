package io.elapid.data.image;

import static org.bytedeco.opencv.global.opencv_core.CV_8UC3;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_COLOR;
import static org.bytedeco.opencv.global.opencv_imgcodecs.IMREAD_IGNORE_ORIENTATION;
import static org.bytedeco.opencv.global.opencv_imgcodecs.imdecode;
import static org.bytedeco.opencv.global.opencv_imgproc.COLOR_BGR2RGB;
import static org.bytedeco.opencv.global.opencv_imgproc.cvtColor;
import static org.bytedeco.opencv.global.opencv_imgproc.resize;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;
import org.bytedeco.opencv.opencv_core.Size;

/** OpenCV itself, with libjpeg-turbo, in one thread: what pixels and times are compared with. */
final class OpenCv {
  static {
    opencv_core.setNumThreads(1);
  }

  private OpenCv() {}

  /** A picture's pixels as stored, without its orientation; null if OpenCV cannot read it. */
  static Image decode(byte[] bytes) {
    try (BytePointer pointer = new BytePointer(bytes);
        Mat encoded = new Mat(pointer);
        Mat decoded = imdecode(encoded, IMREAD_COLOR | IMREAD_IGNORE_ORIENTATION)) {
      if (decoded.empty()) {
        return null;
      }
      cvtColor(decoded, decoded, COLOR_BGR2RGB);
      return image(decoded);
    }
  }

  static Image resized(Image image, int width, int height, int interpolation) {
    try (BytePointer pixels = new BytePointer(image.rgb());
        Mat in = new Mat(image.height(), image.width(), CV_8UC3, pixels);
        Size size = new Size(width, height);
        Mat out = new Mat()) {
      resize(in, out, size, 0, 0, interpolation);
      return image(out);
    }
  }

  private static Image image(Mat mat) {
    byte[] rgb = new byte[mat.rows() * mat.cols() * Image.CHANNELS];
    mat.data().capacity(rgb.length).get(rgb);
    return new Image(mat.cols(), mat.rows(), rgb);
  }
}
