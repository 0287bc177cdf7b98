package io.elapid.backend.cuda;

import io.elapid.kernel.ConvolutionKernel;
import io.elapid.kernel.KernelSet;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kernels on the CPU that wait for a device before they touch a tensor: in unified memory it may
 * not be done with what they read, or write over. Each kind is logged when it is used first: it is
 * what keeps tensors from staying on the device.
 */
final class SettledKernels implements InvocationHandler {
  private static final Logger LOG = LoggerFactory.getLogger(SettledKernels.class);

  private final Object kernels;
  private final Class<?> type;
  private final Runnable settle;
  private final Set<Class<?>> used;

  private SettledKernels(Object kernels, Class<?> type, Runnable settle, Set<Class<?>> used) {
    this.kernels = kernels;
    this.type = type;
    this.settle = settle;
    this.used = used;
  }

  /**
   * A set whose kernels wait.
   *
   * @param settle waits
   */
  static KernelSet of(KernelSet set, Runnable settle) {
    Set<Class<?>> used = ConcurrentHashMap.newKeySet();
    return proxy(KernelSet.class, new SettledKernels(set, KernelSet.class, settle, used));
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    Class<?>[] types = {type};
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), types, handler));
  }

  @Override
  public Object invoke(Object self, Method method, Object[] arguments) throws Throwable {
    boolean isSet = type == KernelSet.class;
    if (!isSet) {
      if (used.add(type)) {
        LOG.info("Kernels: {} on the CPU, not on the device", type.getSimpleName());
      }
      settle.run();
    }
    try {
      Object result = method.invoke(kernels, arguments);
      return isSet ? settled(result, method.getReturnType()) : result;
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }

  /** What a set has answered: a kernel, perhaps none, or a word about itself. */
  private Object settled(Object result, Class<?> answer) {
    if (result instanceof Optional<?> some) {
      return some.filter(ConvolutionKernel.class::isInstance)
          .map(kernel -> settled(kernel, ConvolutionKernel.class));
    }
    return answer.isInterface()
        ? proxy(answer, new SettledKernels(result, answer, settle, used))
        : result;
  }
}
