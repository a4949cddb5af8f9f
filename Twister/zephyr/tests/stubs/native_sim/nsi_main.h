_Noreturn void nsi_exit(int exit_code);
