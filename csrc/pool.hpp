// Threads that wait for work: started when first needed, kept, and started anew after a fork.
#pragma once
#include <functional>

// Calls work(0) … work(threads − 1), the first on this thread, and returns when all are done.
void in_parallel(int threads, const std::function<void(int)>& work);
