package io.elapid.it;

import com.sun.tools.attach.VirtualMachine;
import java.util.HashMap;
import java.util.Map;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/** What a driver's JVM shows to whoever manages it. */
final class DriverBeans {
  private static final String SOURCE = ".driver.elapid.";

  private DriverBeans() {}

  /** Elapid's gauges by name, as Spark's JMX sink has them in the JVM of that process. */
  @SuppressWarnings("BanJNDI") // the address is one that this process has asked for itself
  static Map<String, Object> gauges(long process) throws Exception {
    VirtualMachine machine = VirtualMachine.attach(Long.toString(process));
    try (JMXConnector connector =
        JMXConnectorFactory.connect(new JMXServiceURL(machine.startLocalManagementAgent()))) {
      MBeanServerConnection beans = connector.getMBeanServerConnection();
      Map<String, Object> gauges = new HashMap<>();
      for (ObjectName bean : beans.queryNames(new ObjectName("metrics:type=gauges,*"), null)) {
        String name = bean.getKeyProperty("name");
        int at = name.indexOf(SOURCE);
        if (at >= 0) {
          gauges.put(name.substring(at + SOURCE.length()), beans.getAttribute(bean, "Value"));
        }
      }
      return gauges;
    } finally {
      machine.detach();
    }
  }
}
