package io.elapid.backend.cpu;

import org.nd4j.common.io.ClassPathResource;
import org.nd4j.common.io.Resource;
import org.nd4j.linalg.cpu.nativecpu.CpuBackend;

/**
 * The CPU backend, found by ND4J's service loader and preferred over the plain one; differs in its
 * op executioner only.
 */
public final class ElapidCpuBackend extends CpuBackend {
  @Override
  public int getPriority() {
    return super.getPriority() + 1;
  }

  @Override
  public Resource getConfigurationResource() {
    return new ClassPathResource("/elapid-cpu.properties", ElapidCpuBackend.class.getClassLoader());
  }
}
