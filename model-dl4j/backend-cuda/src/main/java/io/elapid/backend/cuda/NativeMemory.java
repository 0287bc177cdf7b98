package io.elapid.backend.cuda;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import jdk.incubator.foreign.MemoryAddress;
import jdk.incubator.foreign.MemorySegment;
import jdk.incubator.foreign.ResourceScope;

/** Memory of this process, with its address: what native functions read and write. */
record NativeMemory(ByteBuffer bytes, long address) {
  /** New memory of zeros, released when nobody refers to it any more. */
  static NativeMemory zeros(int size) {
    return over(ByteBuffer.allocateDirect(size));
  }

  /** The remaining bytes of a direct buffer. */
  static NativeMemory over(ByteBuffer buffer) {
    ByteBuffer bytes = buffer.slice().order(ByteOrder.nativeOrder());
    return new NativeMemory(bytes, MemorySegment.ofByteBuffer(bytes).address().toRawLongValue());
  }

  /** Memory that somebody else has allocated and releases. */
  static NativeMemory at(long address, int size) {
    MemorySegment segment =
        MemoryAddress.ofLong(address).asSegment(size, ResourceScope.globalScope());
    return new NativeMemory(segment.asByteBuffer().order(ByteOrder.nativeOrder()), address);
  }

  /** A zero-terminated text. */
  static NativeMemory string(String text) {
    byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
    NativeMemory memory = zeros(encoded.length + 1);
    memory.bytes.put(0, encoded);
    return memory;
  }
}
