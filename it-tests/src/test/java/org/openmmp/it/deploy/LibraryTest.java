package org.openmmp.it.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.it.fixture.Command;
import org.openmmp.it.fixture.RunDirectory;
import org.openmmp.repgroup.StoreSelector;
import org.openmmp.storesim.Accounts;
import org.openmmp.storesim.ClusterSettings;
import org.openmmp.storesim.NodeBehaviour;
import org.openmmp.storesim.ReferralForm;
import org.openmmp.storesim.SimulatedCertificate;
import org.openmmp.storesim.StoreCluster;
import org.openmmp.storesim.StoreNode;
import org.openmmp.storesim.imap.ImapEndpoint;
import org.openmmp.storesim.session.NodeTls;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** The core is a library that brings nothing along, and its page's examples run with it alone. */
final class LibraryTest {
  private static final Path EXAMPLES = Path.of("..", "docs", "develop", "library");
  private static final String USER = "alice@example.com";
  private static final String PASSWORD = "a \"secret\" of alice\\";

  /** What works without any other library. */
  private static final List<String> ROOMS =
      List.of("text", "wire", "directory", "repgroup", "routing");

  private final ClusterSettings settings =
      ClusterSettings.replicated("mail", "huey", "dewey", "louie");
  private final SimulatedCertificate shown = SimulatedCertificate.forHostsOf(settings);
  private RunDirectory run;

  @BeforeEach
  void open() {
    run = RunDirectory.of(LibraryTest.class);
  }

  @AfterEach
  void remove() {
    run.close();
  }

  // B7.13
  @Test
  void bringsAnnotationsAndNothingElse() throws Exception {
    assertEquals(Set.of("jspecify"), dependencies("../pom.xml", false));
    assertEquals(Set.of(), dependencies("../repgroup/pom.xml", false));
    assertEquals(
        Set.of("caffeine", "unboundid-ldapsdk", "slf4j-api"),
        dependencies("../repgroup/pom.xml", true));
  }

  /** What the pom's own dependencies are called, without those of tests. */
  private static Set<String> dependencies(String pom, boolean optional) throws Exception {
    Element project =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(Path.of(pom).toFile())
            .getDocumentElement();
    Set<String> found = new TreeSet<>();
    NodeList all = project.getElementsByTagName("dependency");
    for (int at = 0; at < all.getLength(); at++) {
      Element dependency = (Element) all.item(at);
      boolean own = dependency.getParentNode().getParentNode() == project;
      if (own
          && !text(dependency, "scope").equals("test")
          && text(dependency, "optional").equals("true") == optional) {
        found.add(text(dependency, "artifactId"));
      }
    }
    return found;
  }

  private static String text(Element element, String name) {
    NodeList found = element.getElementsByTagName(name);
    return found.getLength() == 0 ? "" : found.item(0).getTextContent();
  }

  // B7.13
  @Test
  void itsPolicyUsesJavaAloneAsJdepsSees() throws IOException {
    Path rooms = run.create("rooms");
    Path library = library();
    if (Files.isDirectory(library)) {
      copyRooms(library, rooms);
    } else {
      try (FileSystem jar = FileSystems.newFileSystem(library)) {
        copyRooms(jar.getPath("/"), rooms);
      }
    }
    StringWriter printed = new StringWriter();
    PrintWriter out = new PrintWriter(printed);
    ToolProvider jdeps = ToolProvider.findFirst("jdeps").orElseThrow();
    assertEquals(0, jdeps.run(out, out, "-verbose:package", "-filter:none", rooms.toString()));
    Set<String> used =
        printed
            .toString()
            .lines()
            .filter(line -> line.contains("   -> "))
            .map(line -> line.replaceFirst(".*-> +(\\S+).*", "$1"))
            .filter(name -> !name.startsWith("java."))
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> allowed =
        ROOMS.stream().map(room -> "org.openmmp." + room).collect(Collectors.toSet());
    assertTrue(used.contains("org.openmmp.repgroup"), printed::toString);
    used.removeAll(allowed);
    used.remove("org.jspecify.annotations");
    assertEquals(Set.of(), used);
  }

  private static void copyRooms(Path library, Path rooms) throws IOException {
    for (String room : ROOMS) {
      Path to = Files.createDirectories(rooms.resolve("org/openmmp").resolve(room));
      try (Stream<Path> files = Files.list(library.resolve("org/openmmp").resolve(room))) {
        for (Path file : files.filter(each -> each.toString().endsWith(".class")).toList()) {
          Files.copy(file, to.resolve(file.getFileName().toString()));
        }
      }
    }
  }

  // B7.13
  @ParameterizedTest
  @ValueSource(strings = {"Reader.java", "Writer.java"})
  void examplesAreShort(String name) throws IOException {
    List<String> lines = Files.readAllLines(EXAMPLES.resolve(name));
    assertTrue(lines.size() < 80, name + " has " + lines.size() + " lines");
  }

  // B7.13, B2.16
  @Test
  void readerReadsFromAnyReplicaFailsOverAndRemembersItsHost() throws Exception {
    try (StoreCluster stores = stores();
        Example reader = new Example("Reader", stores, PASSWORD)) {
      StoreNode huey = stores.node("huey");
      StoreNode dewey = stores.node("dewey");
      assertEquals(huey.address() + ": 0 messages", reader.looks());
      stores.kill("huey");
      assertEquals(dewey.address() + ": 0 messages", reader.looks());
      stores.start("huey");
      assertEquals(dewey.address() + ": 0 messages", reader.looks());
      assertEquals(0, stores.node("louie").counters().connections());
      stores.kill("dewey");
      stores.kill("huey");
      stores.kill("louie");
      String failed = reader.looks();
      assertTrue(failed.startsWith("failed: "), failed);
    }
  }

  // B7.13, B2.5
  @Test
  void readerThatIsRefusedAsksNobodyElse() throws Exception {
    try (StoreCluster stores = stores();
        Example reader = new Example("Reader", stores, "wrong")) {
      String failed = reader.looks();
      assertTrue(failed.startsWith("failed: a NO"), failed);
      assertEquals(0, stores.node("dewey").counters().connections());
    }
  }

  // B7.13, B3.5
  @ParameterizedTest
  @ValueSource(strings = {"ACCEPTING", "REFUSING"})
  void writerFollowsTheReferralAndBeginsAtTheMasterFromThenOn(String form) throws Exception {
    try (StoreCluster stores = stores()) {
      stores.makeMaster("louie");
      ReferralForm refers = ReferralForm.valueOf(form);
      stores.behave("huey", NodeBehaviour.healthy().referringBy(refers));
      try (Example writer = new Example("Writer", stores, PASSWORD, "One", "Two")) {
        String louie = stores.node("louie").address();
        assertTrue(writer.line().startsWith(louie + ": a OK"), louie);
        assertTrue(writer.line().startsWith(louie + ": a OK"), louie);
      }
      assertEquals(1, stores.node("huey").counters().connections());
      assertEquals(0, stores.node("dewey").counters().connections());
      assertEquals(2, stores.node("louie").counters().logins());
    }
  }

  // B7.13, B3.6
  @Test
  void writerSendsNoPasswordOutsideItsGroup() throws Exception {
    try (StoreCluster stores = stores()) {
      stores.behave(
          "huey",
          NodeBehaviour.healthy()
              .referringBy(ReferralForm.REFUSING)
              .referringTo("imap://evil.example.net/"));
      try (Example writer = new Example("Writer", stores, PASSWORD, "One")) {
        assertEquals("", writer.line());
        assertTrue(
            writer.errors().contains("no group lists evil.example.net"), () -> writer.errors());
      }
    }
  }

  private StoreCluster stores() {
    Accounts accounts = new Accounts();
    accounts.user(USER, PASSWORD);
    return StoreCluster.start(
        settings, accounts, List.of(new ImapEndpoint(NodeTls.implicit(shown.serverContext()))));
  }

  /** Where the core's classes are: its jar's content. */
  private static Path library() {
    return codeOf(StoreSelector.class);
  }

  private static Path codeOf(Class<?> type) {
    try {
      return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  /** An example of the page, compiled and run with the library and what it brings. */
  private final class Example implements AutoCloseable {
    private final Process process;
    private final BufferedReader output;
    private final Path errors;

    Example(String name, StoreCluster stores, String password, String... more) throws Exception {
      Path classes = run.create("classes");
      String libraries = library() + ":" + codeOf(NullMarked.class);
      Path java = Path.of(System.getProperty("java.home"), "bin");
      List<String> compile = new ArrayList<>();
      compile.add(java.resolve("javac").toString());
      compile.addAll(List.of("-Xlint:all", "-Werror", "--release", "17"));
      compile.addAll(List.of("-cp", libraries, "-d", classes.toString()));
      for (String file : List.of("Imap.java", name + ".java")) {
        compile.add(EXAMPLES.resolve(file).toString());
      }
      Command.run(Duration.ofMinutes(3), Map.of(), "", compile).succeeded();
      List<String> call = new ArrayList<>();
      call.add(java.resolve("java").toString());
      call.add("-Djavax.net.ssl.trustStore=" + trust());
      call.add("-Djavax.net.ssl.trustStorePassword=changeit");
      call.addAll(List.of("-cp", libraries + ":" + classes, name));
      call.add(stores.storeHostList());
      call.add(Integer.toString(stores.port(ImapEndpoint.IMAP)));
      call.addAll(List.of(USER, password));
      call.addAll(List.of(more));
      errors = run.create("out").resolve("errors");
      process = new ProcessBuilder(call).redirectError(errors.toFile()).start();
      output =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    private Path trust() throws Exception {
      Path pem = shown.writeCertificate(run.create("tls").resolve("stores.pem"));
      KeyStore trusted = KeyStore.getInstance("PKCS12");
      trusted.load(null, null);
      try (var in = Files.newInputStream(pem)) {
        trusted.setCertificateEntry(
            "stores", CertificateFactory.getInstance("X.509").generateCertificate(in));
      }
      Path file = run.create("tls").resolve("stores.p12");
      try (var out = Files.newOutputStream(file)) {
        trusted.store(out, "changeit".toCharArray());
      }
      return file;
    }

    /** Has the reader look once, and returns what it found. */
    String looks() throws IOException {
      process.getOutputStream().write('\n');
      process.getOutputStream().flush();
      return line();
    }

    /** The next line; empty at the end. */
    String line() throws IOException {
      String line = output.readLine();
      return line == null ? "" : line;
    }

    String errors() {
      try {
        process.waitFor();
        return Files.readString(errors);
      } catch (IOException | InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }
}
