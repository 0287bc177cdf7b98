package io.elapid.job;

/** In which form a model is handed on. */
public enum ExportFormat {
  /** A folder: weights, recipe, preprocessing, a page that describes it. */
  MODEL,
  /** The deploy form for ONNX runtimes: a file, or part of the folder. */
  ONNX,
  /** The weights under their official names: a file. The folder has them anyway. */
  SAFETENSORS
}
