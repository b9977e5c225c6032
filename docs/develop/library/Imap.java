import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import org.openmmp.repgroup.AttemptOutcome;
import org.openmmp.repgroup.AttemptStage;
import org.openmmp.repgroup.StoreHost;
import org.openmmp.routing.Referral;

/** One connection to a store, under TLS from the first octet. What the library needs to hear of it is in {@link #logIn}. */
final class Imap implements AutoCloseable {
  final StoreHost host;
  private final SSLSocket socket;
  private BufferedReader in;
  private String said = "";

  Imap(StoreHost host) throws IOException {
    this.host = host;
    socket = (SSLSocket) SSLSocketFactory.getDefault().createSocket();
  }

  /** Tells how far it has come as it goes, and how it ended: that is all that the policy asks of a client. */
  AttemptOutcome logIn(int port, String user, String password, Consumer<AttemptStage> reached) {
    try {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS"); // the certificate carries the host's name
      socket.setSSLParameters(parameters);
      socket.connect(new InetSocketAddress(host.name(), port), 2_000);
      socket.setSoTimeout(5_000);
      in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      reached.accept(AttemptStage.GREETING);
      if (!line().startsWith("* OK")) {
        return AttemptOutcome.REFUSED_GREETING;
      }
      reached.accept(AttemptStage.OPENING);
      reached.accept(AttemptStage.NAMED); // from here on a failure is this user's, not the host's
      socket.setSoTimeout(20_000);
      command("LOGIN " + quoted(user) + " " + quoted(password));
      if (said.contains("[REFERRAL ")) {
        return AttemptOutcome.REFERRED;
      }
      return loggedIn() ? AttemptOutcome.ACCEPTED
          : said.contains("[UNAVAILABLE]") ? AttemptOutcome.TEMPORARY_FAILURE : AttemptOutcome.AUTH_REJECTED;
    } catch (IOException e) {
      said = e.toString();
      return e instanceof ConnectException ? AttemptOutcome.CONNECTION_REFUSED
          : e instanceof SSLException ? AttemptOutcome.TLS_FAILED : AttemptOutcome.UNREACHABLE;
    }
  }

  /** Sends a command; the untagged answers to it, a line each. */
  String command(String words) throws IOException {
    socket.getOutputStream().write(("a " + words + "\r\n").getBytes(StandardCharsets.UTF_8));
    StringBuilder untagged = new StringBuilder();
    while (!line().startsWith("a ")) {
      untagged.append(said).append('\n');
    }
    return untagged.toString();
  }

  boolean loggedIn() {
    return said.startsWith("a OK");
  }

  /** The last line of the store's. */
  String said() {
    return said;
  }

  /** Where it refers to; to no host if that is not to be understood. */
  Referral referral() {
    Referral found = Referral.ofUrl(said.replaceAll(".*\\[REFERRAL ([^] ]*).*", "$1"), loggedIn());
    return found != null ? found : new Referral("", 0, "", loggedIn());
  }

  private String line() throws IOException {
    said = in.readLine();
    if (said == null) {
      throw new IOException("the store closed the connection");
    }
    return said;
  }

  private static String quoted(String text) {
    return '"' + text.replaceAll("([\\\\\"])", "\\\\$1") + '"';
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
