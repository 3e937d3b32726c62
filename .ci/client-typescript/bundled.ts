// Compiled as a bundler would, without the types of Node.

import { Headroom, isHeadroomError, type StaffMember } from "@headroom/client";

export async function addStaffMember(token: string, account: string, name: string): Promise<StaffMember | string> {
  try {
    return await new Headroom({ baseUrl: "/headroom", token }).account(account).staff.create({ name });
  } catch (error) {
    if (isHeadroomError(error) && error.code === "staff_limit_exceeded") return error.plans_that_allow.join();
    throw error;
  }
}
