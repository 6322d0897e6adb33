// The gate before a caller's callback: lets one call through at a time, and none after it is shut.
#ifndef ROSC_GATE_HPP
#define ROSC_GATE_HPP

#include <mutex>

namespace rosc
{

class Gate
{
  public:
    // Runs `body` unless the gate is shut; says whether it ran.
    template <typename Body> bool pass(Body &&body)
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (shut_)
            return false;
        body();
        return true;
    }

    // When it returns, nothing is inside and nothing comes in any more.
    void shut()
    {
        const std::lock_guard<std::mutex> lock(mutex_);
        shut_ = true;
    }

  private:
    std::mutex mutex_;
    bool shut_ = false;
};

} // namespace rosc

#endif
