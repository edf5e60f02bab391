std::unordered_map<int, int> x;
