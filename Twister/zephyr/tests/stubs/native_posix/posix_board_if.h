void posix_exit(int exit_code);
