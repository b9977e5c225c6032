package org.openmmp.storesim.demo;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import org.openmmp.admin.Explanation;
import org.openmmp.config.BadConfigException;
import org.openmmp.config.ConfigReader;
import org.openmmp.proxy.MmpProxy;
import org.openmmp.repgroup.GroupSnapshot;
import org.openmmp.storesim.imap.ImapEndpoint;

/** The real proxy in this process, and what it says of itself. */
final class DemoProxy implements AutoCloseable {
  private final MmpProxy proxy;

  private DemoProxy(MmpProxy proxy) {
    this.proxy = proxy;
  }

  /** Starts it from a configuration file. */
  static DemoProxy start(Path configFile) throws IOException, BadConfigException {
    return new DemoProxy(MmpProxy.start(ConfigReader.load(configFile)));
  }

  InetSocketAddress imap() {
    return proxy.imapAddresses().get(0);
  }

  InetSocketAddress imapTls() {
    return proxy.imapTlsAddresses().get(0);
  }

  int adminPort() {
    return proxy.adminPort();
  }

  /** Where a login would go now, and why. */
  Explanation explain(String login) {
    return proxy.explainer().explain(login, ImapEndpoint.IMAP).toCompletableFuture().join();
  }

  /** What it remembers of the groups that were used. */
  List<GroupSnapshot> groups() {
    return proxy.selector().snapshot(System.nanoTime());
  }

  @Override
  public void close() {
    proxy.close();
  }
}
