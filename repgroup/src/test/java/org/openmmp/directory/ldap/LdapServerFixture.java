package org.openmmp.directory.ldap;

import com.unboundid.ldap.listener.InMemoryDirectoryServer;
import com.unboundid.ldap.listener.InMemoryDirectoryServerConfig;
import com.unboundid.ldap.listener.InMemoryListenerConfig;
import com.unboundid.ldap.listener.interceptor.InMemoryInterceptedSearchRequest;
import com.unboundid.ldap.listener.interceptor.InMemoryInterceptedSimpleBindRequest;
import com.unboundid.ldap.listener.interceptor.InMemoryOperationInterceptor;
import com.unboundid.ldap.sdk.DeleteRequest;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.ResultCode;
import com.unboundid.ldap.sdk.SearchScope;
import com.unboundid.ldap.sdk.controls.ManageDsaITRequestControl;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** An LDAP server in this process, which counts what it is asked and can be made slow or sick. */
final class LdapServerFixture implements AutoCloseable {
  static final String BASE = "dc=example,dc=com";
  static final String ADMIN = "cn=proxy," + BASE;

  /** How a filter begins that asks for no name. */
  private static final String ANYBODY = "(|(mailHost=*)";

  static final String ADMIN_PASSWORD = "proxy-secret";

  private final InMemoryDirectoryServer server;
  private final int port;
  private final boolean ldaps;
  private final List<String> searches = new CopyOnWriteArrayList<>();
  private final AtomicInteger binds = new AtomicInteger();
  private volatile @Nullable CountDownLatch gate;
  private volatile CountDownLatch arrivals = new CountDownLatch(1);
  private volatile String gated = "";
  private final Map<String, ResultCode> sicknessOfNames = new ConcurrentHashMap<>();
  private final Map<String, ResultCode> sicknessOfBinds = new ConcurrentHashMap<>();
  private volatile @Nullable ResultCode sickness;
  private volatile @Nullable ResultCode sicknessOfAll;

  private LdapServerFixture(int port, @Nullable SSLContext tls, boolean ldaps) throws Exception {
    InMemoryDirectoryServerConfig config = new InMemoryDirectoryServerConfig(BASE);
    config.setSchema(null);
    config.addAdditionalBindCredentials(ADMIN, ADMIN_PASSWORD);
    config.addInMemoryOperationInterceptor(new Interceptor());
    InetAddress loopback = InetAddress.getLoopbackAddress();
    config.setListenerConfigs(
        ldaps && tls != null
            ? InMemoryListenerConfig.createLDAPSConfig(
                "ldaps", loopback, port, tls.getServerSocketFactory(), null)
            : InMemoryListenerConfig.createLDAPConfig(
                "ldap", loopback, port, tls == null ? null : tls.getSocketFactory()));
    this.ldaps = ldaps;
    server = new InMemoryDirectoryServer(config);
    server.add("dn: " + BASE, "objectClass: domain", "dc: example");
    server.startListening();
    this.port = server.getListenPort();
  }

  static LdapServerFixture start() throws Exception {
    return new LdapServerFixture(0, null, false);
  }

  static LdapServerFixture startAt(int port) throws Exception {
    return new LdapServerFixture(port, null, false);
  }

  static LdapServerFixture startWithStartTls(SSLContext tls) throws Exception {
    return new LdapServerFixture(0, tls, false);
  }

  static LdapServerFixture startWithLdaps(SSLContext tls) throws Exception {
    return new LdapServerFixture(0, tls, true);
  }

  DirectoryConfig.Server address() {
    return new DirectoryConfig.Server("localhost", port, ldaps);
  }

  int port() {
    return port;
  }

  /** Adds a branch that is at another server: searches from above are told where. */
  LdapServerFixture reference(String ou) throws Exception {
    server.add(
        "dn: ou=" + ou + "," + BASE,
        "objectClass: referral",
        "objectClass: extensibleObject",
        "ou: " + ou,
        "ref: ldap://elsewhere.invalid/ou=" + ou + "," + BASE);
    return this;
  }

  /** Takes that branch away. */
  void removeReference(String ou) throws Exception {
    DeleteRequest delete = new DeleteRequest("ou=" + ou + "," + BASE);
    delete.addControl(new ManageDsaITRequestControl());
    server.delete(delete);
  }

  /** Adds an entry below the base: its name, then attributes as {@code name: value}. */
  LdapServerFixture entry(String rdn, String... attributes) throws Exception {
    String[] lines = new String[attributes.length + 2];
    lines[0] = "dn: " + rdn + "," + BASE;
    lines[1] = "objectClass: inetOrgPerson";
    System.arraycopy(attributes, 0, lines, 2, attributes.length);
    server.add(lines);
    return this;
  }

  /** A user with mail address, mail host and further attributes. */
  LdapServerFixture user(String uid, String... attributes) throws Exception {
    String[] all = new String[attributes.length + 2];
    all[0] = "uid: " + uid;
    all[1] = "mail: " + uid + "@example.com";
    System.arraycopy(attributes, 0, all, 2, attributes.length);
    return entry("uid=" + uid, all);
  }

  void delete(String rdn) throws Exception {
    server.delete(rdn + "," + BASE);
  }

  void modify(String rdn, String... lines) throws Exception {
    String[] all = new String[lines.length + 2];
    all[0] = "dn: " + rdn + "," + BASE;
    all[1] = "changetype: modify";
    System.arraycopy(lines, 0, all, 2, lines.length);
    server.modify(all);
  }

  /** The filters of the searches for names so far. */
  List<String> searches() {
    return searches;
  }

  int binds() {
    return binds.get();
  }

  /** From now on searches wait until the gate opens. */
  CountDownLatch shutGate() {
    return shutGateFor("");
  }

  /** From now on searches for names with that in it wait until the gate opens. */
  CountDownLatch shutGateFor(String names) {
    gated = names;
    CountDownLatch closed = new CountDownLatch(1);
    arrivals = new CountDownLatch(1);
    gate = closed;
    return closed;
  }

  /** Waits until a search stands at the gate. */
  void awaitArrival() throws InterruptedException {
    if (!arrivals.await(30, TimeUnit.SECONDS)) {
      throw new AssertionError("no search came");
    }
  }

  /** From now on every search is answered with this result. */
  void fallSick(ResultCode result) {
    sickness = result;
  }

  /** From now on every search for a name with that in it is answered with this result. */
  void fallSickFor(String names, ResultCode result) {
    sicknessOfNames.put(names, result);
  }

  /** From now on binds of names with that in it are answered with this result. */
  void failBindsOf(String names, ResultCode result) {
    sicknessOfBinds.put(names, result);
  }

  /** Searches are answered as they should be again. */
  void recover() {
    sickness = null;
    sicknessOfAll = null;
    sicknessOfNames.clear();
  }

  /** From now on every search is answered so, that of the base object too. */
  void fallSickAltogether(ResultCode result) {
    sickness = result;
    sicknessOfAll = result;
  }

  /** Closes the server's connections but goes on listening. */
  void dropConnections() {
    server.closeAllConnections(false);
  }

  @Override
  public void close() {
    CountDownLatch closed = gate;
    if (closed != null) {
      closed.countDown();
    }
    server.shutDown(true);
  }

  private final class Interceptor extends InMemoryOperationInterceptor {
    @Override
    public void processSearchRequest(InMemoryInterceptedSearchRequest request)
        throws LDAPException {
      boolean ofNobody =
          SearchScope.BASE.equals(request.getRequest().getScope())
              || request.getRequest().getFilter().toString().startsWith(ANYBODY);
      if (ofNobody) {
        ResultCode all = sicknessOfAll;
        if (all != null) {
          throw new LDAPException(all, "as the test wants it");
        }
        return;
      }
      searches.add(request.getRequest().getFilter().toString());
      CountDownLatch closed = gate;
      if (closed != null && request.getRequest().getFilter().toString().contains(gated)) {
        arrivals.countDown();
        try {
          closed.await();
        } catch (InterruptedException e) {
          throw new LDAPException(ResultCode.LOCAL_ERROR, e);
        }
      }
      ResultCode result = sickness;
      for (Map.Entry<String, ResultCode> name : sicknessOfNames.entrySet()) {
        if (request.getRequest().getFilter().toString().contains(name.getKey())) {
          result = name.getValue();
        }
      }
      if (result != null) {
        throw new LDAPException(result, "as the test wants it");
      }
    }

    @Override
    public void processSimpleBindRequest(InMemoryInterceptedSimpleBindRequest request)
        throws LDAPException {
      binds.incrementAndGet();
      for (Map.Entry<String, ResultCode> name : sicknessOfBinds.entrySet()) {
        if (request.getRequest().getBindDN().contains(name.getKey())) {
          throw new LDAPException(name.getValue(), "as the test wants it");
        }
      }
    }
  }
}
