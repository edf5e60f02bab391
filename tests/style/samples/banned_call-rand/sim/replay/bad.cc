int x() { return rand(); }
