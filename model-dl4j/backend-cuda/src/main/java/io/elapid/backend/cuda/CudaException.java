package io.elapid.backend.cuda;

import io.elapid.kernel.AcceleratorException;

/** The CUDA driver refused or failed. The message names the call and what the driver said. */
final class CudaException extends AcceleratorException {
  private static final long serialVersionUID = 1;

  CudaException(String message) {
    super(message);
  }

  CudaException(String message, boolean outOfMemory) {
    super(message, outOfMemory);
  }

  CudaException(String message, CudaException cause) {
    super(message, cause);
  }
}
