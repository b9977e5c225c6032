package org.openmmp.storesim;

import com.unboundid.ldap.listener.InMemoryDirectoryServer;
import com.unboundid.ldap.listener.InMemoryDirectoryServerConfig;
import com.unboundid.ldap.listener.InMemoryListenerConfig;
import com.unboundid.ldap.listener.interceptor.InMemoryInterceptedSearchRequest;
import com.unboundid.ldap.listener.interceptor.InMemoryInterceptedSearchResult;
import com.unboundid.ldap.listener.interceptor.InMemoryOperationInterceptor;
import com.unboundid.ldap.sdk.Attribute;
import com.unboundid.ldap.sdk.DN;
import com.unboundid.ldap.sdk.Entry;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.Modification;
import com.unboundid.ldap.sdk.ModificationType;
import com.unboundid.ldap.sdk.RDN;
import com.unboundid.ldap.sdk.ReadOnlySearchRequest;
import com.unboundid.ldap.sdk.SearchResultReference;
import com.unboundid.ldap.sdk.SearchScope;
import com.unboundid.ldap.sdk.schema.Schema;
import com.unboundid.ldif.LDIFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An LDAP server in this process with mail users and domains, which can go down, come back and be
 * slow. It listens on a loopback address; the port stays the same over an outage.
 */
public final class EmbeddedDirectory implements AutoCloseable {
  /** Where everything is. */
  public static final String BASE_DN = "dc=directory,dc=test";

  /** Whom front ends may bind as; anonymous searches work too. */
  public static final String BIND_DN = "cn=frontend," + BASE_DN;

  /** The password of {@link #BIND_DN}. */
  public static final String BIND_PASSWORD = "frontEnd-binds";

  private static final String LISTENER = "ldap";

  /** By what it is searched; without an index it would look at every entry each time. */
  private static final String[] INDEXED = {
    "uid",
    "mail",
    "mailAlternateAddress",
    "mailEquivalentAddress",
    "associatedDomain",
    "sunPreferredDomain"
  };

  private final InMemoryDirectoryServer server;
  private final String address;
  private final int port;
  private final Searches searches = new Searches();

  private EmbeddedDirectory(String address, int port) throws LDAPException, IOException {
    this.address = address;
    this.port = port;
    InMemoryDirectoryServerConfig config = new InMemoryDirectoryServerConfig(BASE_DN);
    config.setSchema(schema());
    config.setEqualityIndexAttributes(INDEXED);
    config.addAdditionalBindCredentials(BIND_DN, BIND_PASSWORD);
    config.addInMemoryOperationInterceptor(searches);
    config.setListenerConfigs(
        InMemoryListenerConfig.createLDAPConfig(
            LISTENER, InetAddress.getByName(address), port, null));
    server = new InMemoryDirectoryServer(config);
    server.add(
        BASE_DN, new Attribute("objectClass", "top", "domain"), new Attribute("dc", "directory"));
    server.startListening();
  }

  /** Starts an empty one on a free port of 127.0.0.1. */
  public static EmbeddedDirectory start() {
    return start("127.0.0.1");
  }

  /** Starts an empty one on a free port of a loopback address. */
  public static EmbeddedDirectory start(String address) {
    try {
      return new EmbeddedDirectory(address, LoopbackAddresses.freePort(List.of(address)));
    } catch (LDAPException | IOException e) {
      throw new IllegalStateException("the directory does not start", e);
    }
  }

  /** Its URL, such as {@code ldap://127.0.0.1:10389}. */
  public String url() {
    return "ldap://" + address + ":" + port;
  }

  /** Its port. */
  public int port() {
    return port;
  }

  /** Searches for people or domains since its start; what only tries the server is none. */
  public int searches() {
    return searches.count.get();
  }

  /** Adds a user, active; the domain too, if it is new. */
  public synchronized void add(DirectoryUser user) {
    attempt(
        () -> {
          if (server.getEntry(domainDn(user.domain())) == null) {
            addDomain(user.domain());
          }
          Entry entry =
              new Entry(
                  userDn(user.login()),
                  new Attribute("objectClass", "top", "person", "organizationalPerson"),
                  new Attribute("objectClass", "inetOrgPerson", "inetMailUser"),
                  new Attribute("uid", user.uid()),
                  new Attribute("cn", user.uid()),
                  new Attribute("sn", user.uid()),
                  new Attribute("mail", user.login()),
                  new Attribute("userPassword", user.password()),
                  new Attribute("inetUserStatus", "active"),
                  new Attribute("mailUserStatus", "active"));
          if (!user.mailHost().isEmpty()) {
            entry.addAttribute("mailHost", user.mailHost());
          }
          server.add(entry);
        });
  }

  /** Gives a user's attribute other values; without values it is removed. */
  public void changeUser(String login, String attribute, String... values) {
    change(userDn(login), attribute, values);
  }

  /** Gives a domain's attribute other values; without values it is removed. */
  public void changeDomain(String domain, String attribute, String... values) {
    change(domainDn(domain), attribute, values);
  }

  /** Removes a user. */
  public void removeUser(String login) {
    attempt(() -> server.delete(userDn(login)));
  }

  /** A branch is at another server: every search for people or domains is told where. */
  public void addReference(String url) {
    searches.elsewhere.add(url);
  }

  /** Closes the port and every connection; nothing is lost. */
  public void goDown() {
    server.shutDown(LISTENER, true);
  }

  /** Opens the port again. */
  public void comeUp() {
    attempt(() -> server.startListening(LISTENER));
  }

  /** Answers so much later from now on. */
  public void slowDown(Duration delay) {
    server.setProcessingDelayMillis(delay.toMillis());
  }

  @Override
  public void close() {
    server.shutDown(true);
  }

  private void addDomain(String domain) throws LDAPException {
    server.add(
        domainDn(domain),
        new Attribute("objectClass", "top", "organization", "mailDomain"),
        new Attribute("o", domain),
        new Attribute("sunPreferredDomain", domain),
        new Attribute("inetDomainStatus", "active"),
        new Attribute("mailDomainStatus", "active"));
  }

  private void change(String dn, String attribute, String... values) {
    attempt(() -> server.modify(dn, new Modification(ModificationType.REPLACE, attribute, values)));
  }

  private static String domainDn(String domain) {
    return new DN(new RDN("o", domain)) + "," + BASE_DN;
  }

  private static String userDn(String login) {
    int at = login.lastIndexOf('@');
    RDN user = new RDN("uid", login.substring(0, at));
    return new DN(user) + "," + domainDn(login.substring(at + 1));
  }

  private static Schema schema() throws LDAPException, IOException {
    try (InputStream ldif = EmbeddedDirectory.class.getResourceAsStream("mail-schema.ldif")) {
      return Schema.mergeSchemas(Schema.getDefaultStandardSchema(), Schema.getSchema(ldif));
    } catch (LDIFException e) {
      throw new IOException(e);
    }
  }

  private static void attempt(Change change) {
    try {
      change.make();
    } catch (LDAPException e) {
      throw new IllegalStateException(e.getMessage(), e);
    }
  }

  @FunctionalInterface
  private interface Change {
    void make() throws LDAPException;
  }

  /** Counts searches, and adds to their answers what an index does not find. */
  private static final class Searches extends InMemoryOperationInterceptor {
    private final AtomicInteger count = new AtomicInteger();
    private final List<String> elsewhere = new CopyOnWriteArrayList<>();

    @Override
    public void processSearchRequest(InMemoryInterceptedSearchRequest request) {
      if (isSearch(request.getRequest())) {
        count.incrementAndGet();
      }
    }

    @Override
    public void processSearchResult(InMemoryInterceptedSearchResult result) {
      if (isSearch(result.getRequest()) && !elsewhere.isEmpty()) {
        try {
          result.sendSearchReference(
              new SearchResultReference(elsewhere.toArray(String[]::new), null));
        } catch (LDAPException e) {
          result.setResult(e.toLDAPResult());
        }
      }
    }

    private static boolean isSearch(ReadOnlySearchRequest request) {
      return !request.getScope().equals(SearchScope.BASE);
    }
  }
}
