package org.openmmp.it.bench;

import java.io.IOException;

/** How a mail client says what the load consists of. */
enum MailDialect {
  IMAP {
    @Override
    void logIn(Connection proxy, String user) throws IOException {
      proxy.expect("* OK");
      command(proxy, "LOGIN " + user + " secret");
    }

    @Override
    void open(Connection proxy) throws IOException {
      logIn(proxy);
      command(proxy, "SELECT INBOX");
    }

    @Override
    void idle(Connection proxy) throws IOException {
      command(proxy, "NOOP");
    }

    @Override
    void fetch(Connection proxy, int octets) throws IOException {
      command(proxy, "FETCH " + octets);
    }

    @Override
    void leave(Connection proxy) throws IOException {
      command(proxy, "LOGOUT");
    }

    private void command(Connection proxy, String text) throws IOException {
      proxy.say("a " + text + "\r\n");
      String line = proxy.line();
      while (line.startsWith("* ") || line.equals(")")) {
        if (line.endsWith("}")) {
          proxy.skip(
              Integer.parseInt(line.substring(line.lastIndexOf('{') + 1, line.length() - 1)));
        }
        line = proxy.line();
      }
      if (!line.startsWith("a OK")) {
        throw new IOException("\"" + line + "\" to " + text);
      }
    }
  },

  POP3 {
    @Override
    void logIn(Connection proxy, String user) throws IOException {
      proxy.expect("+OK");
      command(proxy, "USER " + user);
      command(proxy, "PASS secret");
    }

    @Override
    void idle(Connection proxy) throws IOException {
      command(proxy, "NOOP");
    }

    @Override
    void fetch(Connection proxy, int octets) throws IOException {
      command(proxy, "RETR " + octets);
      proxy.skip(octets);
      proxy.expect(".");
    }

    @Override
    void leave(Connection proxy) throws IOException {
      command(proxy, "QUIT");
    }

    private void command(Connection proxy, String text) throws IOException {
      proxy.say(text + "\r\n");
      proxy.expect("+OK");
    }
  };

  /** Hears the greeting and logs in. */
  void logIn(Connection proxy) throws IOException {
    logIn(proxy, "alice@example.com");
  }

  /** The same as that user. */
  abstract void logIn(Connection proxy, String user) throws IOException;

  /** Logs in and opens the mailbox, where that is a command of its own. */
  void open(Connection proxy) throws IOException {
    logIn(proxy);
  }

  /** A command without effect. */
  abstract void idle(Connection proxy) throws IOException;

  /** Reads a message of that size. */
  abstract void fetch(Connection proxy, int octets) throws IOException;

  /** Logs out. */
  abstract void leave(Connection proxy) throws IOException;
}
