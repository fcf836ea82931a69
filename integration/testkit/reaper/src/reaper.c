/* reaper GENTLE SECONDS UID GID COMMAND [ARG...]: runs a command and everything that comes of it on behalf of another process.
 *
 * stdin   the owner's orders: byte 0 starts the command (again), any other byte is a signal's number for the running command.
 *         End of file, which also comes when the owner is killed, ends everything and then the reaper.
 * stdout  reports, a line each: "started PID", "exited PID STATUS" (as wait(2) encodes it).
 * stderr  inherited by the command as its stdout and stderr.
 *
 * As a "child subreaper" the reaper becomes the parent of every orphan among its descendants, whatever sessions, process
 * groups or environments they make for themselves: killing its own children until there are none leaves nothing behind.
 * The end is gentle first: signal GENTLE for the command, up to SECONDS for it to go; SIGTERM for the orphans, up to SECONDS;
 * then SIGKILL. UID and GID other than -1 are what the command runs as; the reaper keeps its own, to be able to signal all. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pid_t command;     /* 0: not running */
static int childless = 1; /* known after reap() */

static void start(char **argv, uid_t uid, gid_t gid, const sigset_t *mask) {
  command = fork();
  if (command) {
    childless = 0;
    printf("started %d\n", command);
    return;
  }
  prctl(PR_SET_NAME, "reaper-child");
  sigprocmask(SIG_SETMASK, mask, NULL);
  dup2(open("/dev/null", O_RDONLY | O_CLOEXEC), 0);
  dup2(2, 1);
  setsid(); /* a terminal's Ctrl-C is the owner's to handle */
  if ((gid != (gid_t)-1 && (setgroups(0, NULL) || setgid(gid))) || (uid != (uid_t)-1 && setuid(uid))) {
    perror("reaper: change user");
    _exit(126);
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL); /* after setuid, which clears it; for the case that the reaper itself is killed */
  execvp(argv[0], argv);
  perror(argv[0]);
  _exit(127);
}

static void reap(void) {
  int status;
  pid_t pid;
  while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
    if (pid == command) {
      command = 0;
      printf("exited %d %d\n", pid, status);
    }
  childless = pid < 0;
}

/* signal_children: /proc/PID/stat is "PID (name) STATE PPID ...", and a name may hold anything, even ')'. */
static void signal_children(int sig) {
  DIR *d = opendir("/proc");
  for (struct dirent *e; d && (e = readdir(d));) {
    char path[300], stat[512], *p;
    if (e->d_name[0] < '1' || e->d_name[0] > '9') continue;
    snprintf(path, sizeof path, "/proc/%s/stat", e->d_name);
    int f = open(path, O_RDONLY), n = f < 0 ? -1 : (int)read(f, stat, sizeof stat - 1);
    if (f >= 0) close(f);
    if (n <= 0) continue;
    stat[n] = 0;
    if ((p = strrchr(stat, ')')) && atoi(p + 4) == getpid()) kill(atoi(e->d_name), sig);
  }
  if (d) closedir(d);
}

/* wait_until: up to seconds, until the command (or every child) is gone. */
static void wait_until(int every_child, int seconds) {
  for (int i = 0; i < seconds * 50; i++) {
    reap();
    if (childless || (!every_child && !command)) return;
    nanosleep(&(struct timespec){0, 20000000}, NULL);
  }
}

static void end(int gentle, int seconds) {
  if (command) {
    kill(command, gentle);
    wait_until(0, seconds);
  }
  signal_children(SIGTERM);
  wait_until(1, seconds);
  for (reap(); !childless; reap()) { /* again and again: each death hands its children to us */
    signal_children(SIGKILL);
    nanosleep(&(struct timespec){0, 20000000}, NULL);
  }
}

int main(int argc, char **argv) {
  if (argc < 6) return fprintf(stderr, "usage: reaper GENTLE SECONDS UID GID COMMAND [ARG...]\n"), 2;
  int gentle = atoi(argv[1]), seconds = atoi(argv[2]);
  sigset_t before, mine;
  sigemptyset(&mine);
  sigaddset(&mine, SIGCHLD);
  sigaddset(&mine, SIGTERM);
  sigaddset(&mine, SIGPIPE);
  sigprocmask(SIG_BLOCK, &mine, &before);
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  setvbuf(stdout, NULL, _IOLBF, 0);
  struct pollfd in[2] = {{0, POLLIN, 0}, {signalfd(-1, &mine, SFD_CLOEXEC | SFD_NONBLOCK), POLLIN, 0}};
  for (;;) {
    poll(in, 2, -1);
    struct signalfd_siginfo s;
    while (read(in[1].fd, &s, sizeof s) == sizeof s)
      if (s.ssi_signo == SIGTERM) return end(gentle, seconds), 0;
    reap();
    if (!in[0].revents) continue;
    unsigned char order;
    if (read(0, &order, 1) != 1) return end(gentle, seconds), 0;
    if (order) {
      if (command) kill(command, order);
    } else if (!command)
      start(argv + 5, (uid_t)atoi(argv[3]), (gid_t)atoi(argv[4]), &before);
  }
}
