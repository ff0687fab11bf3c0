// The source and the host of the measures, in one process that costs next to nothing: every GET is answered with a
// picture, every POST that holds this picture unchanged with a link of its own, in Imgur's words. One request at a time on a
// connection, each with a content-length.
//
// picture-servers <file of the picture> <ms> <ms>: keeps every GET waiting for so long, and every POST; prints `{"port":n}`, serves 127.0.0.1 until its standard input ends. Port n takes both;
// GET /totals answers how many pictures were accepted and refused, and the CPU seconds it has taken; GET /delays/<ms>/<ms> the
// same, and keeps what comes from then on waiting for so long. GET /clock/7 answers
// when the first byte of the POST that names clock-7 came, in ms of CLOCK_MONOTONIC.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST_CONNECTIONS = 4096, HEAD_BYTES = 16384, SEARCHED_BYTES = 64, CLOCKS = 4096, FIELDS_BYTES = 512 };

typedef struct {
  char *in;          // What of the request has come.
  size_t held, room; // Bytes of it, and bytes there is room for.
  size_t whole;      // How long the request is; 0 until its head has come.
  const char *out;   // What of the answer has not left yet.
  size_t left;
  char *owned;       // An answer made for this request.
  double due;        // When the answer may leave, in ms; 0 at once.
  double began;      // When the first byte of the request came, in ms.
} Connection;

static struct pollfd polled[MOST_CONNECTIONS + 2];
static Connection connections[MOST_CONNECTIONS + 2];
static int count = 2;
static char *picture, *picture_answer;
static size_t picture_bytes, picture_answer_bytes;
static unsigned long accepted, refused;
static double source_ms, host_ms, clocks[CLOCKS];
static int delayed;

static void stop(const char *what) {
  perror(what);
  exit(1);
}

static void drop(int at) {
  if (connections[at].due > 0) delayed--;
  close(polled[at].fd);
  free(connections[at].in);
  free(connections[at].owned);
  count--;
  polled[at] = polled[count];
  connections[at] = connections[count];
}

static double now_ms(void) {
  struct timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return at.tv_sec * 1e3 + at.tv_nsec / 1e6;
}

static double cpu_seconds(void) {
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  return used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static void answer(Connection *c, const char *status, const char *headers, const char *body) {
  const size_t room = 1024 + strlen(headers) + strlen(body);
  free(c->owned);
  c->owned = malloc(room);
  c->left = snprintf(c->owned, room, "HTTP/1.1 %s\r\ncontent-type: application/json\r\n%scontent-length: %zu\r\n\r\n%s",
                     status, headers, strlen(body), body);
  c->out = c->owned;
}

static void answer_totals(Connection *c) {
  char body[200];
  snprintf(body, sizeof body, "{\"accepted\":%lu,\"refused\":%lu,\"cpuSeconds\":%.6f}", accepted, refused, cpu_seconds());
  answer(c, "200 OK", "", body);
}

static void answer_clock(Connection *c) {
  char body[100];
  const double ms = clocks[strtoul(c->in + 11, NULL, 10) % CLOCKS];
  if (ms > 0) snprintf(body, sizeof body, "{\"ms\":%.6f}", ms);
  answer(c, ms > 0 ? "200 OK" : "404 Not Found", "", ms > 0 ? body : "{}");
}

// Who wants to know when a POST came gives it a title.
static void stop_clock(const Connection *c, const char *body, size_t bytes) {
  const char *at = memmem(body, bytes < FIELDS_BYTES ? bytes : FIELDS_BYTES, "clock-", 6);
  if (at != NULL) clocks[strtoul(at + 6, NULL, 10) % CLOCKS] = c->began;
}

// Far from being used up, and there to be read, as Imgur sends them.
static const char *limits = "x-ratelimit-clientlimit: 1000000000\r\nx-ratelimit-clientremaining: 1000000000\r\n"
                            "x-ratelimit-clientreset: 86400\r\nx-ratelimit-userlimit: 1000000000\r\n"
                            "x-ratelimit-userremaining: 1000000000\r\nx-ratelimit-userreset: 3600\r\n";

static void answer_upload(Connection *c, size_t head) {
  const char *body = c->in + head;
  const size_t bytes = c->whole - head;
  const char *at = memmem(body, bytes, picture, SEARCHED_BYTES);
  stop_clock(c, body, bytes);
  if (at == NULL || (size_t)(body + bytes - at) < picture_bytes || memcmp(at, picture, picture_bytes) != 0) {
    refused++;
    answer(c, "400 Bad Request", limits, "{\"data\":{\"error\":\"not the picture that was served\"},\"success\":false,\"status\":400}");
    return;
  }
  accepted++;
  char reply[400];
  snprintf(reply, sizeof reply,
           "{\"data\":{\"id\":\"A%06lx\",\"deletehash\":\"D%014lx\",\"type\":\"image/jpeg\",\"width\":1,\"height\":1,"
           "\"size\":%zu,\"link\":\"https://i.imgur.com/A%06lx.jpg\"},\"success\":true,\"status\":200}",
           accepted, accepted, picture_bytes, accepted);
  answer(c, "200 OK", limits, reply);
}

static size_t length_of(const char *head, size_t bytes) {
  for (const char *line = head; line < head + bytes;) {
    if (strncasecmp(line, "content-length:", 15) == 0) return strtoul(line + 15, NULL, 10);
    const char *end = memchr(line, '\n', head + bytes - line);
    if (end == NULL) return 0;
    line = end + 1;
  }
  return 0;
}

static void take(Connection *c) {
  static const char *end_of_head = "\r\n\r\n";
  const char *end = memmem(c->in, c->held < HEAD_BYTES ? c->held : HEAD_BYTES, end_of_head, 4);
  if (end == NULL) return;
  const size_t head = end + 4 - c->in;
  if (c->whole == 0) c->whole = head + length_of(c->in, head);
  if (c->held < c->whole) return;
  if (strncmp(c->in, "POST ", 5) == 0) answer_upload(c, head);
  else if (strncmp(c->in, "GET /totals ", 12) == 0 || sscanf(c->in, "GET /delays/%lf/%lf ", &source_ms, &host_ms) == 2) answer_totals(c);
  else if (strncmp(c->in, "GET /clock/", 11) == 0) answer_clock(c);
  else {
    c->out = picture_answer;
    c->left = picture_answer_bytes;
  }
  c->held = c->whole = 0;
  const double ms = c->out == picture_answer ? source_ms : c->in[0] == 'P' ? host_ms : 0;
  if (ms > 0) {
    c->due = now_ms() + ms;
    delayed++;
  }
}

// Answers 0 when the connection is over.
static int serve(int at) {
  Connection *c = &connections[at];
  if (c->left == 0) {
    if (c->room - c->held < 65536) {
      c->room = c->room == 0 ? 262144 : c->room * 2;
      c->in = realloc(c->in, c->room);
    }
    const ssize_t got = read(polled[at].fd, c->in + c->held, c->room - c->held);
    if (got == 0 || (got < 0 && errno != EAGAIN)) return 0;
    if (got > 0 && c->held == 0) c->began = now_ms();
    if (got > 0) c->held += got;
    take(c);
  }
  if (c->due > 0) {
    if (c->due > now_ms()) return polled[at].events = 0, 1;
    c->due = 0;
    delayed--;
  }
  if (c->left > 0) {
    const ssize_t sent = write(polled[at].fd, c->out, c->left);
    if (sent < 0 && errno != EAGAIN) return 0;
    if (sent > 0) c->out += sent, c->left -= sent;
  }
  polled[at].events = c->left > 0 ? POLLOUT : POLLIN;
  return 1;
}

// Until something comes or the first answer that is kept back is due: later would make the network longer than asked for.
static int wait_for_work(void) {
  double first = 0;
  for (int at = 2; delayed > 0 && at < count; at++)
    if (connections[at].due > 0 && (first == 0 || connections[at].due < first)) first = connections[at].due;
  if (first == 0) return poll(polled, count, -1);
  const double left = first - now_ms(), ms = left > 0 ? left : 0;
#ifdef __linux__
  const struct timespec rest = {.tv_sec = ms / 1e3, .tv_nsec = (long)(ms * 1e6) % 1000000000};
  return ppoll(polled, count, &rest, NULL);
#else
  return poll(polled, count, ms < 1 ? 1 : (int)ms);
#endif
}

static void take_connection(int listener) {
  const int fd = accept(listener, NULL, NULL);
  if (fd < 0) return;
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  fcntl(fd, F_SETFL, O_NONBLOCK);
  if (count == MOST_CONNECTIONS + 2) stop("too many connections");
  polled[count] = (struct pollfd){.fd = fd, .events = POLLIN};
  connections[count] = (Connection){0};
  count++;
}

static int listen_on_loopback(void) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) < 0 || listen(fd, 1024) < 0) stop("listen");
  getsockname(fd, (struct sockaddr *)&address, &size);
  printf("{\"port\":%d}\n", ntohs(address.sin_port));
  fflush(stdout);
  return fd;
}

static void read_picture(const char *file) {
  FILE *from = fopen(file, "rb");
  if (from == NULL) stop(file);
  fseek(from, 0, SEEK_END);
  picture_bytes = ftell(from);
  rewind(from);
  picture_answer = malloc(picture_bytes + 200);
  const int head = sprintf(picture_answer, "HTTP/1.1 200 OK\r\ncontent-type: image/jpeg\r\ncontent-length: %zu\r\n\r\n", picture_bytes);
  picture = picture_answer + head;
  if (fread(picture, 1, picture_bytes, from) != picture_bytes) stop(file);
  picture_answer_bytes = head + picture_bytes;
  fclose(from);
}

int main(int argc, char **argv) {
  if (argc != 4) return fputs("usage: picture-servers <file> <ms> <ms>\n", stderr), 2;
  source_ms = atof(argv[2]);
  host_ms = atof(argv[3]);
  signal(SIGPIPE, SIG_IGN);
  read_picture(argv[1]);
  polled[0] = (struct pollfd){.fd = 0, .events = POLLIN};
  polled[1] = (struct pollfd){.fd = listen_on_loopback(), .events = POLLIN};
  for (;;) {
    if (wait_for_work() < 0) stop("poll");
    if (polled[0].revents != 0) return 0;
    for (int at = count - 1; at > 1; at--)
      if ((polled[at].revents != 0 || connections[at].due > 0) && !serve(at)) drop(at);
    if (polled[1].revents != 0) take_connection(polled[1].fd);
  }
}
