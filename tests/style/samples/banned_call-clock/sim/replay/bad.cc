auto x() { return std::chrono::steady_clock::now(); }
