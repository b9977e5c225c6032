package org.openmmp.it.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.HTTPGetAction;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openmmp.it.fixture.Await;
import org.openmmp.it.fixture.LogWatch;
import org.openmmp.it.fixture.ProxyProcess;
import org.openmmp.it.fixture.RunDirectory;
import org.openmmp.program.Main;
import org.openmmp.storesim.EmbeddedDirectory;
import org.openmmp.storesim.SimulatedCertificate;

/**
 * The manifests for Kubernetes: of their schema, with names that agree, and the program answers
 * their probes and does what is done before a pod stops.
 */
final class KubernetesTest {
  private static final Path FOLDER = Path.of("..", "docker", "kubernetes");
  private static final Path BASE = FOLDER.resolve("base");
  private static final Path MONITORED = FOLDER.resolve("monitored");
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final YAMLMapper YAML = new YAMLMapper();
  private static final List<Class<? extends HasMetadata>> KINDS =
      List.of(
          ConfigMap.class,
          Secret.class,
          Deployment.class,
          Service.class,
          PodDisruptionBudget.class,
          NetworkPolicy.class,
          HorizontalPodAutoscaler.class,
          ServiceMonitor.class);

  private static final List<HasMetadata> objects = new ArrayList<>();

  private RunDirectory run;

  // B7.14
  @BeforeAll
  static void everyManifestIsOfItsSchema() throws Exception {
    for (Path file : manifests()) {
      try (MappingIterator<JsonNode> documents =
          YAML.readerFor(JsonNode.class).readValues(file.toFile())) {
        while (documents.hasNext()) {
          JsonNode document = documents.next();
          HasMetadata object = YAML.treeToValue(document, kind(document));
          assertEquals(object.getApiVersion(), document.get("apiVersion").asText(), file::toString);
          assertEquals(Set.of(), unknown(object), file::toString);
          objects.add(object);
        }
      }
    }
  }

  @BeforeEach
  void open() {
    run = RunDirectory.of(KubernetesTest.class);
  }

  @AfterEach
  void remove() {
    run.close();
  }

  private static List<Path> manifests() throws IOException {
    try (Stream<Path> files = Files.walk(FOLDER)) {
      return files
          .filter(file -> file.toString().endsWith(".yaml"))
          .filter(file -> !file.endsWith("kustomization.yaml"))
          .filter(file -> !file.endsWith("prometheus-adapter-values.yaml"))
          .sorted()
          .toList();
    }
  }

  /** The kind of that name and version of its group. */
  private static Class<? extends HasMetadata> kind(JsonNode document) {
    String name = document.get("kind").asText();
    return KINDS.stream()
        .filter(kind -> kind.getSimpleName().equals(name))
        .filter(kind -> HasMetadata.getApiVersion(kind).equals(document.get("apiVersion").asText()))
        .findFirst()
        .orElseThrow(
            () -> new AssertionError("no such kind: " + document.get("apiVersion") + name));
  }

  /** Names in it that the schema does not have: the model keeps them apart. */
  private static Set<String> unknown(Object value) throws IllegalAccessException {
    Set<String> found = new TreeSet<>();
    if (value instanceof Collection<?> all) {
      for (Object each : all) {
        found.addAll(unknown(each));
      }
    } else if (value instanceof Map<?, ?> map) {
      found.addAll(unknown(map.values()));
    } else if (value != null && value.getClass().getName().startsWith("io.fabric8.")) {
      for (Class<?> type = value.getClass(); type != Object.class; type = type.getSuperclass()) {
        for (Field field : type.getDeclaredFields()) {
          if (!Modifier.isStatic(field.getModifiers()) && !field.getType().isEnum()) {
            field.setAccessible(true);
            Object inside = field.get(value);
            if (field.getName().equals("additionalProperties")
                && inside instanceof Map<?, ?> more) {
              more.keySet().forEach(key -> found.add(value.getClass().getSimpleName() + "." + key));
            } else {
              found.addAll(unknown(inside));
            }
          }
        }
      }
    }
    return found;
  }

  // B7.14
  @Test
  void fieldThatTheSchemaHasNotIsFound() throws Exception {
    Deployment wrong =
        YAML.readValue(
            "spec: {template: {spec: {containers: [{name: a, livenessprobe: {}}]}}}",
            Deployment.class);
    assertEquals(Set.of("Container.livenessprobe"), unknown(wrong));
  }

  // B7.14
  @Test
  void kustomizationsNameEveryManifest() throws IOException {
    Set<Path> named = new TreeSet<>();
    for (Path folder : List.of(BASE, MONITORED)) {
      JsonNode file = YAML.readTree(folder.resolve("kustomization.yaml").toFile());
      assertEquals("Kustomization", file.get("kind").asText());
      file.get("resources").forEach(each -> named.add(folder.resolve(each.asText())));
    }
    assertTrue(named.remove(MONITORED.resolve("../base")));
    assertEquals(new TreeSet<>(manifests()), named);
  }

  // B7.14
  @ParameterizedTest
  @ValueSource(strings = {"proxy", "relay"})
  void namesAgree(String component) {
    Deployment deployment = one(Deployment.class, "openmmp-" + component);
    Map<String, String> labels = deployment.getSpec().getTemplate().getMetadata().getLabels();
    assertEquals(labels, deployment.getSpec().getSelector().getMatchLabels());
    assertEquals(
        labels,
        one(PodDisruptionBudget.class, "openmmp-" + component)
            .getSpec()
            .getSelector()
            .getMatchLabels());
    PodSpec pod = deployment.getSpec().getTemplate().getSpec();
    assertEquals(
        labels, pod.getTopologySpreadConstraints().get(0).getLabelSelector().getMatchLabels());
    Set<String> ports =
        container(deployment).getPorts().stream()
            .map(ContainerPort::getName)
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> served = new TreeSet<>();
    for (String name : List.of("openmmp-" + component, "openmmp-" + component + "-admin")) {
      Service service = one(Service.class, name);
      assertEquals(labels, service.getSpec().getSelector());
      for (ServicePort port : service.getSpec().getPorts()) {
        served.add(port.getTargetPort().getStrVal());
      }
    }
    assertEquals(ports, served);
    Set<String> allowed =
        one(NetworkPolicy.class, "openmmp").getSpec().getIngress().stream()
            .flatMap(rule -> rule.getPorts().stream())
            .map(port -> port.getPort().getStrVal())
            .collect(Collectors.toSet());
    assertTrue(allowed.containsAll(ports), allowed + " of " + ports);
    assertTrue(labels.entrySet().containsAll(policyLabels().entrySet()));
    mounts(pod);
  }

  private static Map<String, String> policyLabels() {
    return one(NetworkPolicy.class, "openmmp").getSpec().getPodSelector().getMatchLabels();
  }

  /** Every mount has its volume, and every volume's content is there. */
  private static void mounts(PodSpec pod) {
    Set<String> volumes =
        pod.getVolumes().stream().map(each -> each.getName()).collect(Collectors.toSet());
    Set<String> mounted =
        pod.getContainers().get(0).getVolumeMounts().stream()
            .map(each -> each.getName())
            .collect(Collectors.toSet());
    assertEquals(volumes, mounted);
    for (VolumeProjection part : projections(pod)) {
      if (part.getSecret() != null) {
        Secret secret = one(Secret.class, part.getSecret().getName());
        part.getSecret()
            .getItems()
            .forEach(item -> assertTrue(secret.getStringData().containsKey(item.getKey())));
      } else {
        assertTrue(
            one(ConfigMap.class, part.getConfigMap().getName())
                .getData()
                .containsKey("openmmp.conf"));
      }
    }
  }

  private static List<VolumeProjection> projections(PodSpec pod) {
    return pod.getVolumes().stream()
        .filter(volume -> volume.getProjected() != null)
        .flatMap(volume -> volume.getProjected().getSources().stream())
        .toList();
  }

  // B7.14
  @Test
  void autoscalerAndMonitorFindWhatTheyAreFor() throws IOException {
    HorizontalPodAutoscaler scaler = one(HorizontalPodAutoscaler.class, "openmmp-proxy");
    assertEquals(
        "openmmp-proxy",
        one(Deployment.class, scaler.getSpec().getScaleTargetRef().getName())
            .getMetadata()
            .getName());
    String metric = scaler.getSpec().getMetrics().get(0).getPods().getMetric().getName();
    String rules = Files.readString(MONITORED.resolve("prometheus-adapter-values.yaml"));
    assertTrue(rules.contains("'" + metric + "{"), rules);
    assertTrue(Files.readString(Path.of("../docs/operate/watch.md")).contains("`" + metric + "{"));
    long clients = configuration().getLong("openmmp.limits.max-connections");
    String average =
        scaler.getSpec().getMetrics().get(0).getPods().getTarget().getAverageValue().getAmount();
    assertTrue(Long.parseLong(average) * 2 <= clients, average + " of " + clients);

    ServiceMonitor monitor = one(ServiceMonitor.class, "openmmp");
    Map<String, String> wanted = monitor.getSpec().getSelector().getMatchLabels();
    long found =
        all(Service.class)
            .filter(
                each -> each.getMetadata().getLabels().entrySet().containsAll(wanted.entrySet()))
            .count();
    assertEquals(2, found);
    var endpoint = monitor.getSpec().getEndpoints().get(0);
    var token = endpoint.getAuthorization().getCredentials();
    assertTrue(
        one(Secret.class, token.getName()).getStringData().containsKey(token.getKey()),
        token::toString);
  }

  // B7.14
  @Test
  void portsAreThoseOfTheConfigurationAndItIsLinted() throws Exception {
    Config configuration = configuration();
    for (Deployment deployment : all(Deployment.class).toList()) {
      for (ContainerPort port : container(deployment).getPorts()) {
        String key =
            switch (port.getName()) {
              case "imap" -> "imap.listen";
              case "imaps" -> "imap.listen-tls";
              case "pop3" -> "pop3.listen";
              case "pop3s" -> "pop3.listen-tls";
              case "lmtp" -> "lmtp.listen";
              default -> "admin.listen";
            };
        String listens = configuration.getValue("openmmp." + key).unwrapped().toString();
        assertTrue(listens.contains("*:" + port.getContainerPort()), key + " = " + listens);
      }
    }
    Path etc = mounted();
    StringWriter told = new StringWriter();
    PrintWriter out = new PrintWriter(told, true);
    int status =
        Main.run(out, out, "lint", "--config", etc.resolve("openmmp.conf").toString(), "--strict");
    assertTrue(status == 0 || status == 1, told::toString);
    List<String> ofThisMachine =
        List.of("does not resolve", "openmmp.limits.max-connections is 20000");
    List<String> ofTheFile =
        told.toString()
            .lines()
            .filter(line -> !line.matches("(group table|availability:).*"))
            .filter(line -> ofThisMachine.stream().noneMatch(line::contains))
            .toList();
    assertEquals(List.of(), ofTheFile);
  }

  // B7.14, B8.1, B8.2
  @ParameterizedTest
  @ValueSource(strings = {"proxy", "relay"})
  void programAnswersTheProbesAndDrainsBeforeItsPodStops(String component) throws Exception {
    Deployment deployment = one(Deployment.class, "openmmp-" + component);
    Container container = container(deployment);
    PodSpec pod = deployment.getSpec().getTemplate().getSpec();
    Config configuration = configuration();
    assertTrue(
        pod.getTerminationGracePeriodSeconds()
            >= configuration.getDuration("openmmp.drain.limit").toSeconds() + 15);
    assertEquals(component, container.getArgs().get(0));
    assertEquals(
        List.of("--config", "/etc/openmmp/openmmp.conf"), container.getArgs().subList(1, 3));

    LogWatch watch = new LogWatch(List.of());
    watch.expect("does not resolve|the certificate .* ends soon");
    try (EmbeddedDirectory directory = EmbeddedDirectory.start()) {
      String settings = Files.readString(mounted().resolve("openmmp.conf")) + local(directory);
      try (ProxyProcess program =
          new ProxyProcess(run, component, component, settings, Path.of("none"), watch)) {
        assertEquals(200, answer(program, container.getStartupProbe()));
        assertEquals(200, answer(program, container.getLivenessProbe()));
        assertEquals(200, answer(program, container.getReadinessProbe()));

        List<String> stop = container.getLifecycle().getPreStop().getExec().getCommand();
        String dockerfile = Files.readString(Path.of("../docker/Dockerfile"));
        assertTrue(dockerfile.contains("ENTRYPOINT [\"" + stop.get(0) + "\"]"), stop.get(0));
        List<String> words = new ArrayList<>(stop.subList(1, stop.size()));
        words.replaceAll(
            word -> word.startsWith("/etc/") ? program.configuration().toString() : word);
        StringWriter told = new StringWriter();
        PrintWriter out = new PrintWriter(told, true);
        assertEquals(0, Main.run(out, out, words.toArray(String[]::new)), told::toString);
        assertTrue(told.toString().contains("not ready"), told::toString);
        assertEquals(503, answer(program, container.getReadinessProbe()));
        assertEquals(200, answer(program, container.getLivenessProbe()), "it is not restarted");
        // The kubelet sends SIGTERM as soon as the command has ended: the drain goes on.
        ProcessHandle.of(program.process().pid()).orElseThrow().destroy();
        Await.until("it has ended", LIMIT, () -> !program.process().isAlive());
      }
    }
  }

  /** What is different on this machine: addresses, and times that a test waits for. */
  private String local(EmbeddedDirectory directory) {
    Path socket = run.create("run").resolve("admin.sock");
    return """

    openmmp {
      directory {
        urls = "%s", base-dn = "%s", bind-dn = "%s", bind-password = "%s", bind-password-file = null
      }
      imap { listen = "127.0.0.1:0", listen-tls = "127.0.0.1:0" }
      pop3 { listen = "127.0.0.1:0", listen-tls = "127.0.0.1:0" }
      lmtp.listen = "127.0.0.1:0"
      limits.max-connections = 2000
      admin { listen = "127.0.0.1:0", socket = "%s" }
      state-file = null
      drain { lead = 10s, limit = 20s, spread = 1s }
    }
    """
        .formatted(
            directory.url(),
            EmbeddedDirectory.BASE_DN,
            EmbeddedDirectory.BIND_DN,
            EmbeddedDirectory.BIND_PASSWORD,
            socket);
  }

  private static int answer(ProxyProcess program, Probe probe) {
    HTTPGetAction get = probe.getHttpGet();
    assertEquals("admin", get.getPort().getStrVal());
    URI page = URI.create("http://127.0.0.1:" + program.adminPort() + get.getPath());
    try {
      return HttpClient.newHttpClient()
          .send(HttpRequest.newBuilder(page).build(), HttpResponse.BodyHandlers.discarding())
          .statusCode();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** The folder of the configuration as a pod has it, at a place of this test's. */
  private Path mounted() throws IOException {
    Path etc = run.create("etc");
    SimulatedCertificate shown = SimulatedCertificate.forHosts(List.of("localhost"));
    PodSpec pod = one(Deployment.class, "openmmp-proxy").getSpec().getTemplate().getSpec();
    for (VolumeProjection part : projections(pod)) {
      if (part.getSecret() != null) {
        Secret secret = one(Secret.class, part.getSecret().getName());
        for (var item : part.getSecret().getItems()) {
          Path file = etc.resolve(item.getPath());
          Files.createDirectories(file.getParent());
          RunDirectory.write(
              file, Objects.requireNonNull(secret.getStringData().get(item.getKey())));
        }
      }
    }
    shown.writeCertificate(etc.resolve("tls/tls.crt"));
    shown.writeKey(etc.resolve("tls/tls.key"));
    try (Stream<Path> files = Files.walk(etc)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r-----"));
      }
    }
    Files.deleteIfExists(etc.resolve("openmmp.conf"));
    RunDirectory.write(etc.resolve("openmmp.conf"), text().replace("/etc/openmmp", etc.toString()));
    return etc;
  }

  private static String text() {
    return Objects.requireNonNull(one(ConfigMap.class, "openmmp").getData().get("openmmp.conf"));
  }

  private static Config configuration() {
    return ConfigFactory.parseString(text());
  }

  private static Container container(Deployment deployment) {
    List<Container> all = deployment.getSpec().getTemplate().getSpec().getContainers();
    assertEquals(1, all.size());
    return all.get(0);
  }

  private static <T extends HasMetadata> Stream<T> all(Class<T> kind) {
    return objects.stream().filter(kind::isInstance).map(kind::cast);
  }

  private static <T extends HasMetadata> T one(Class<T> kind, String name) {
    return all(kind)
        .filter(each -> each.getMetadata().getName().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + kind.getSimpleName() + " " + name));
  }
}
