/* SPDX-License-Identifier: MIT
 * The WDK's calling conventions and SAL annotations, as nothing: this compiler has no use for
 * them. */
#ifndef HOLDFAST_WDM_ANNOTATIONS_H
#define HOLDFAST_WDM_ANNOTATIONS_H

#define NTAPI
#define FASTCALL
#define STDCALL
#define NTSYSAPI
#define NTKERNELAPI
#define NTHALAPI
#define DECLSPEC_IMPORT
#define DECLSPEC_NORETURN __attribute__((noreturn))
#define DECLSPEC_ALIGN(x) __attribute__((aligned(x)))
#define FORCEINLINE       static inline __attribute__((always_inline))

#define IN
#define OUT
#define OPTIONAL

#define _In_
#define _In_opt_
#define _In_z_
#define _In_range_(low, high)
#define _In_reads_(count)
#define _In_reads_opt_(count)
#define _In_reads_bytes_(bytes)
#define _In_reads_bytes_opt_(bytes)
#define _Inout_
#define _Inout_opt_
#define _Inout_updates_(count)
#define _Inout_updates_bytes_(bytes)
#define _Out_
#define _Out_opt_
#define _Out_range_(low, high)
#define _Out_writes_(count)
#define _Out_writes_opt_(count)
#define _Out_writes_bytes_(bytes)
#define _Out_writes_bytes_all_(bytes)
#define _Out_writes_bytes_opt_(bytes)
#define _Out_writes_bytes_to_(bytes, used)
#define _Outptr_
#define _Outptr_opt_
#define _Outptr_result_maybenull_
#define _Outptr_result_bytebuffer_(bytes)
#define _Ret_maybenull_
#define _Ret_notnull_
#define _Post_maybenull_
#define _Post_notnull_
#define _Post_writable_byte_size_(bytes)
#define _Pre_notnull_
#define _Pre_maybenull_
#define _Reserved_
#define _Notnull_
#define _Null_
#define _Maybenull_
#define _Field_size_(count)
#define _Field_size_bytes_(bytes)
#define _Struct_size_bytes_(bytes)

#define _At_(target, annotation)
#define _When_(condition, annotation)
#define _On_failure_(annotation)
#define _Always_(annotation)
#define _Success_(expression)
#define _Return_type_success_(expression)
#define _Must_inspect_result_
#define _Check_return_
#define _Use_decl_annotations_
#define _Function_class_(name)
#define _Dispatch_type_(type)
#define _Analysis_assume_(expression)
#define _Analysis_noreturn_

#define _IRQL_requires_(irql)
#define _IRQL_requires_max_(irql)
#define _IRQL_requires_min_(irql)
#define _IRQL_requires_same_
#define _IRQL_always_function_max_(irql)
#define _IRQL_always_function_min_(irql)
#define _IRQL_raises_(irql)
#define _IRQL_saves_
#define _IRQL_restores_
#define _IRQL_uses_cancel_
#define _Requires_lock_held_(lock)
#define _Requires_lock_not_held_(lock)
#define _Acquires_lock_(lock)
#define _Releases_lock_(lock)
#define _Guarded_by_(lock)
#define _Interlocked_operand_

#define __drv_aliasesMem
#define __drv_allocatesMem(kind)
#define __drv_freesMem(kind)
#define __drv_maxIRQL(irql)
#define __drv_requiresIRQL(irql)
#define __drv_sameIRQL
#define __drv_strictType(type, mode)
#define __drv_strictTypeMatch(mode)
#define __drv_typeCond
#define __drv_typeConst
#define __drv_typeExpr

#endif
