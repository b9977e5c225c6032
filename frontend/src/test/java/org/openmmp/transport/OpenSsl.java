package org.openmmp.transport;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The command openssl in a folder, for files as operators have them. */
public record OpenSsl(Path folder) {
  private static final String AUTHORITY =
      """
      [ca]
      default_ca = x
      [x]
      database = index.txt
      serial = serial
      new_certs_dir = .
      certificate = ca.pem
      private_key = ca.key
      default_md = sha256
      policy = p
      default_crl_days = 30
      default_days = 30
      [p]
      commonName = supplied
      """;

  /** Runs it with words that blanks part; fails if it does. */
  public OpenSsl run(String words) {
    if (status(words) != 0) {
      throw new AssertionError(words + "\n" + said());
    }
    return this;
  }

  /** What it says, whether it fails or not. */
  public String output(String words) {
    status(words);
    return said();
  }

  private int status(String words) {
    List<String> command = new ArrayList<>(List.of("openssl"));
    command.addAll(List.of(words.split(" ")));
    try {
      return new ProcessBuilder(command)
          .directory(folder.toFile())
          .redirectErrorStream(true)
          .redirectOutput(file("openssl.log").toFile())
          .start()
          .waitFor();
    } catch (IOException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private String said() {
    try {
      return Files.readString(file("openssl.log"), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** An authority {@code ca.pem} that can issue and revoke. */
  public OpenSsl authority(String name) throws IOException {
    Files.writeString(file("ca.cnf"), AUTHORITY);
    Files.writeString(file("index.txt"), "");
    Files.writeString(file("serial"), "1000\n");
    return run(
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem"
            + " -days 30 -subj /CN="
            + name);
  }

  /** A certificate of that authority. */
  public OpenSsl issue(String name) {
    return issue(name, "");
  }

  /** The same with more words to its command {@code ca}, such as the dates. */
  public OpenSsl issue(String name, String words) {
    return run("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout %1$s.key -out %1$s.csr -subj /CN=%1$s"
            .formatted(name))
        .run("ca -batch -config ca.cnf -in %1$s.csr -out %1$s.pem -notext".formatted(name) + words);
  }

  public Path file(String name) {
    return folder.resolve(name);
  }
}
